// Bytes that a browser downloads on its first visit to a page, against a limit for each page:
//   node tools/budget.mjs URL        URL of a running server with demo data; CHROMIUM names the browser
// Everything is counted that reaches the browser within five seconds, and as long as more comes, as it is encoded on the way, without
// headers: documents, scripts, WASM, styles, images, icons, and answers to calls. A proxy between browser and server counts, so that nothing
// is missed.
// Exit code: 0, or 10 and the number of pages over their limit.
import { createRequire } from "node:module";
import { Agent, createServer, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const { chromium } = createRequire(new URL("../end2end/", import.meta.url))("@playwright/test");

const WINDOW_MS = 5_000;
/** Time without a byte after which nothing more is expected. */
const REST_MS = 3_000;
const LIMITS = { login: 16_000, list: 18_000, wizard: 130_000 };
const PASSWORD = "Demo-2026-pass";

const server = new URL(process.argv[2] ?? "http://127.0.0.1:3000");

/** Forwards to the server and counts the bytes of each body, by path. */
async function countingProxy() {
  const counted = new Map();
  const agent = new Agent({ keepAlive: true });
  const proxy = createServer((incoming, answer) => {
    const { method, headers, url } = incoming;
    const outgoing = request({ agent, host: server.hostname, port: server.port, method, headers, path: url }, (response) => {
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.on("data", (bytes) => counted.set(url, (counted.get(url) ?? 0) + bytes.length));
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
  return { counted, proxy, url: `http://127.0.0.1:${proxy.address().port}` };
}

/** Signs in, begins a draft, and returns its address and the cookies. */
async function beginDraft(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/login`);
  await page.fill("[name=account]", "applicant");
  await page.fill("[name=password]", PASSWORD);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.locator("details[data-menu]").waitFor();
  await page.goto(`${url}/apply/registration`);
  await page.locator("button:not(.sr-only)", { hasText: "在线办理" }).last().click();
  await page.getByRole("heading", { name: "选择业务" }).waitFor();
  const path = new URL(page.url()).pathname;
  const state = await context.storageState();
  await context.close();
  return { path, state };
}

/** What a browser without a cache downloads for a page. */
async function visit(browser, { counted, url }, path, storageState) {
  const context = await browser.newContext({ storageState });
  counted.clear();
  const page = await context.newPage();
  await page.goto(url + path);
  await pause(WINDOW_MS);
  const sum = () => [...counted.values()].reduce((all, bytes) => all + bytes, 0);
  for (let before = -1; before !== sum(); ) {
    before = sum();
    await pause(REST_MS);
  }
  const files = [...counted].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
  await context.close();
  return files;
}

const number = (n) => n.toLocaleString("en").padStart(10);

const proxy = await countingProxy();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let over = 0;
try {
  const { path, state } = await beginDraft(browser, proxy.url);
  const pages = { login: ["/login"], list: ["/matters", state], wizard: [path, state] };
  for (const [name, [address, storage]] of Object.entries(pages)) {
    const files = await visit(browser, proxy, address, storage);
    const total = files.reduce((sum, file) => sum + file.bytes, 0);
    const good = total <= LIMITS[name];
    if (!good) over += 1;
    console.log(`${name}: ${total.toLocaleString("en")} of ${LIMITS[name].toLocaleString("en")} bytes${good ? "" : ": TOO MUCH"}`);
    for (const file of files) console.log(`  ${file.name.slice(0, 76).padEnd(78)}${number(file.bytes)}`);
  }
} finally {
  await browser.close();
  proxy.proxy.closeAllConnections();
  proxy.proxy.close();
}
// 1 is Node's own exit code for a program that failed.
process.exitCode = over === 0 ? 0 : 10 + over;
