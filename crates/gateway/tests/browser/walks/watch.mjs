// Is the watch awake? A page with every fault that lib.mjs promises to see, served from here.

import { createServer } from "node:http";
import { done, equal, faultless, open, step } from "./lib.mjs";

const serve = (page, script) =>
    createServer((request, response) => {
        const scripts = request.url.endsWith(".js");
        response.setHeader("content-type", scripts ? "text/javascript" : "text/html; charset=utf-8");
        response.setHeader("content-security-policy", "default-src 'none'; script-src 'self'; connect-src *; img-src data:");
        response.end(scripts ? script : page);
    });

async function faultsOf(body, script) {
    const html = `<!doctype html><link rel="icon" href="data:,"><body>${body}<script src="/x.js"></script>`;
    const server = serve(html, `${script};document.title = "done"`);
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    const host = `127.0.0.1:${server.address().port}`;
    const window = await open({ hosts: [host] });
    await window.page.goto(`http://${host}/`);
    await window.page.waitForFunction(() => document.title === "done");
    await window.context.close();
    server.close();
    return window.faults;
}

const saw = (faults, words) => {
    if (!faults.some((fault) => fault.includes(words))) throw new Error(`${words} was not seen: ${faults}`);
};

await step("a page without faults has none", async () => {
    const faults = await faultsOf("<p>well</p>", "1 + 1");
    equal(faults, [], "faults");
    faultless({ faults });
});
await step("a request to another host is refused and seen", async () => {
    saw(await faultsOf("", "await fetch('http://elsewhere.invalid/x').catch(() => {})".replace("await ", "")), "elsewhere.invalid");
});
await step("an error on the console is seen", async () => {
    saw(await faultsOf("", "console.error('broken glass')"), "broken glass");
});
await step("an error that nobody catches is seen", async () => {
    saw(await faultsOf("", "setTimeout(() => { throw new Error('broken wing') }); setTimeout(() => 1, 5)"), "broken wing");
});
await step("an inline script is a violation", async () => {
    saw(await faultsOf("<script>globalThis.inline = 1</script>", ""), "script-src");
});
await step("an inline style is a violation", async () => {
    saw(await faultsOf("<p style='color: red'>red</p>", ""), "style-src");
});
await done();
