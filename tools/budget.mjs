// What a first visit downloads, in brotli bytes (quality 11), against the budget. Reads the release build.
// The entry set is the browser part's script, what it imports at once, its WASM, and the style; what islands load
// later is listed below it, without a limit.
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const LIMITS = { "JS and WASM": 110_000, CSS: 14_000 };
const OUTPUT = "registrar";
const SITE = "target/site/pkg";

const hashes = Object.fromEntries(
  readFileSync("target/release/hash.txt", "utf8").trim().split("\n").map((line) => line.split(/:\s*/)),
);
const entry = (kind) => join(SITE, `${OUTPUT}.${hashes[kind]}.${kind}`);

/** The file and everything it imports statically, however deep. */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  // `import("…")` is a later load: the bracket keeps it out.
  for (const [, path] of readFileSync(file, "utf8").matchAll(/\b(?:import|export)\b[^"'();]*["'](\.{0,2}\/[^"']+)["']/g)) {
    withImports(path.startsWith("/") ? join("target/site", path) : join(dirname(file), path), seen);
  }
  return seen;
}

function measure(file) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name: relative(SITE, file), raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
}

const number = (n) => n.toLocaleString("en").padStart(11);
const row = (name, raw, brotli) => console.log(`  ${name.padEnd(56)}${number(raw)}${number(brotli)}`);
const sum = (files, key) => files.reduce((total, file) => total + file[key], 0);

/** Prints one group, and returns its sum in brotli bytes. */
function show(title, files) {
  console.log(title);
  for (const { name, raw, brotli } of files) row(name, raw, brotli);
  if (files.length > 1) row("together", sum(files, "raw"), sum(files, "brotli"));
  return sum(files, "brotli");
}

console.log(`  ${"".padEnd(56)}${"bytes".padStart(11)}${"brotli".padStart(11)}`);
const scripts = [...withImports(entry("js")), entry("wasm")].map(measure);
const sizes = {
  "JS and WASM": show("JS and WASM of a first visit", scripts),
  CSS: show("CSS", [measure(entry("css"))]),
};
const counted = new Set(scripts.map((file) => file.name));
const later = readdirSync(SITE, { recursive: true })
  .filter((name) => /\.(wasm|js)$/.test(basename(name)) && !counted.has(name))
  .sort()
  .map((name) => measure(join(SITE, name)));
if (later.length > 0) show("Loaded later, by the islands that need it", later);

let over = 0;
for (const [what, limit] of Object.entries(LIMITS)) {
  const good = sizes[what] <= limit;
  if (!good) over += 1;
  console.log(`${what}: ${sizes[what].toLocaleString("en")} of ${limit.toLocaleString("en")} bytes${good ? "." : ": TOO MUCH."}`);
}
// 1 is Node's own word for a program that broke.
process.exitCode = over === 0 ? 0 : 10 + over;
