// Checks names in the sources:
//   node tools/names.mjs [CRATE...]      all five crates when none is named
// No identifier of the old vocabulary (docs/glossary.md has today's terms), and no type name defined in two modules of one crate.
// No wording of the interface that a professional finds odd: the last day of a time limit is included, which 前 alone does not say.
// Prose is free; so is an alternative of the same type for the browser, in the same module. Ends with 1 if something is found.
import { readdirSync, readFileSync } from "node:fs";
import { CRATES, TOP, modules, readCrate, shortName, tokenize } from "./rust-source.mjs";

const RETIRED = new Set("House Hat hats Stake Desk Told Kept Keeper Word hear Heard Town Crowd Press Parcel Letter Moment".split(" "));

/** Wordings of the interface, each with what is said in their place. */
const WORDINGS = [
  [/[}\d] 前(办理|完成|提交|缴)/, "“（含当日）前…” or “办理截止日期：…”"],
  [/还没有/, "尚未 or 暂无"],
  [/还有 ?(\{|\d)[^天]*天/, "剩余 … 天"],
  [/待您办理/, "您有一件待办业务"],
  [/轮到您|轮到谁/, "当前办理人"],
];

let found = 0;
const report = (line) => {
  found++;
  console.log(line);
};

const worded = (folder, name) =>
  readFileSync(`${folder}/${name}`, "utf8").split("\n").forEach((line, at) => {
    // Comments are English.
    for (const [wording, better] of WORDINGS) if (wording.test(line)) report(`${folder.slice(TOP.length + 1)}/${name}:${at + 1}: say ${better}`);
  });

const named = process.argv.slice(2);
for (const crate of named.length ? named : CRATES) {
  const folder = `${TOP}/${crate}/src`;
  for (const name of readdirSync(folder, { recursive: true }).filter((name) => /\.(rs|js)$/.test(name)).sort()) {
    worded(folder, name);
    if (!name.endsWith(".rs")) continue;
    for (const token of tokenize(readFileSync(`${folder}/${name}`, "utf8")))
      if (token.name && RETIRED.has(token.text)) report(`${crate}/src/${name}:${token.line}: ${token.text} is a retired name`);
  }

  const places = new Map();
  for (const module of modules(readCrate(TOP, crate)))
    for (const { name, line } of module.types) {
      if (!places.has(name)) places.set(name, new Map());
      if (!places.get(name).has(module)) places.get(name).set(module, `${shortName(TOP, module.file)}:${line}`);
    }
  for (const [name, at] of places) if (at.size > 1) report(`${crate}: the type ${name} is defined ${at.size} times: ${[...at.values()].join(", ")}`);
}
console.log(found === 0 ? "No retired name or wording, no type name twice in a crate." : `${found} names to change.`);
process.exit(found === 0 ? 0 : 1);
