// The line between a till and its gateway, to be cut and mended: bytes go through, or they do not.

import { connect, createServer } from "node:net";

/** A line to `base` under an address of its own. */
export class Line {
    static async to(base) {
        const line = new Line();
        const { hostname, port } = new URL(base);
        line.target = { host: hostname, port: Number(port) };
        await new Promise((listening) => line.server.listen(0, "127.0.0.1", listening));
        line.base = `http://127.0.0.1:${line.server.address().port}`;
        return line;
    }

    constructor() {
        // `up`; `cut`: nothing connects; `deaf`: what is sent is taken and goes nowhere; `mute`: it arrives, and no answer comes.
        this.mode = "up";
        this.sockets = new Set();
        this.server = createServer((till) => this.accept(till));
    }

    accept(till) {
        this.hold(till);
        if (this.mode === "cut") return till.destroy();
        const gateway = this.hold(connect(this.target));
        till.on("data", (bytes) => this.mode !== "deaf" && gateway.write(bytes));
        gateway.on("data", (bytes) => this.mode !== "mute" && till.write(bytes));
        till.on("close", () => gateway.destroy());
        return gateway.on("close", () => till.destroy());
    }

    hold(socket) {
        this.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.sockets.delete(socket));
        return socket;
    }

    /** Cuts every connection; what comes next meets the new mode. */
    set(mode) {
        this.mode = mode;
        if (mode === "cut" || mode === "up") this.sockets.forEach((socket) => socket.destroy());
    }

    close() {
        this.set("cut");
        this.server.close();
    }
}
