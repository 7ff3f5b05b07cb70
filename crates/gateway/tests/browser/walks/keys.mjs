// Keys as a keyboard-wedge scanner and as a hand press them: real input events whose times are said, not waited for.

const NAMED = {
    Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
    Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
    Escape: { key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 },
    Backspace: { key: "Backspace", code: "Backspace", windowsVirtualKeyCode: 8 },
    F2: { key: "F2", code: "F2", windowsVirtualKeyCode: 113 },
    F4: { key: "F4", code: "F4", windowsVirtualKeyCode: 115 },
    ".": { key: ".", code: "NumpadDecimal", windowsVirtualKeyCode: 110, text: "." },
    "+": { key: "+", code: "NumpadAdd", windowsVirtualKeyCode: 107, text: "+" },
};

const digit = (key) => ({ key, code: `Digit${key}`, windowsVirtualKeyCode: 48 + Number(key), text: key });

/** The hands at one page. */
export class Hands {
    constructor(window) {
        this.window = window;
        this.last = 0;
    }

    async press(keys, gapSeconds) {
        this.devtools ??= await this.window.context.newCDPSession(this.window.page);
        // Each burst begins well after the one before it, whatever this machine is busy with.
        let at = Math.max(Date.now() / 1000, this.last + 1);
        const sent = keys.flatMap((name) => {
            const key = NAMED[name] ?? digit(name);
            at += gapSeconds;
            const down = key.text ? "keyDown" : "rawKeyDown";
            const { text, ...up } = key;
            return [
                this.devtools.send("Input.dispatchKeyEvent", { type: down, timestamp: at, ...key }),
                this.devtools.send("Input.dispatchKeyEvent", { type: "keyUp", timestamp: at + gapSeconds / 2, ...up }),
            ];
        });
        this.last = at;
        await Promise.all(sent);
    }

    /** A person: 120 ms between keys. */
    type(...keys) {
        return this.press(keys.flatMap((key) => (NAMED[key] ? [key] : [...key])), 0.12);
    }

    /** A scanner: 8 ms between digits, then what it ends with, if anything. */
    scan(code, end = "Enter") {
        return this.press([...code, ...(end === null ? [] : [end])], 0.008);
    }
}
