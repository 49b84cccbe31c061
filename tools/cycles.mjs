// Finds files of a crate that use each other in a circle:
//   node tools/cycles.mjs [CRATE...]     all five crates when none is named; --arrows prints every arrow of the crate
// A path counts for the file that defines its last name, through re-exports; naming a module alone and declaring it (`mod x;`) do not
// count, `pub use` does. Prints each circle with the arrows in it, the rarest first, and ends with 1 if there is one.
import { CRATES, TOP, modules, readCrate, resolve, shortName } from "./rust-source.mjs";

// file → file → [{ line, path }]
function arrowsOf(root) {
  const arrows = new Map();
  const add = (from, to, line, path) => {
    if (from === to) return;
    if (!arrows.has(from)) arrows.set(from, new Map());
    const targets = arrows.get(from);
    if (!targets.has(to)) targets.set(to, []);
    targets.get(to).push({ line, path });
  };
  for (const module of modules(root)) {
    if (!arrows.has(module.file)) arrows.set(module.file, new Map());
    for (const { path, line } of [...module.imports, ...module.paths])
      for (const target of resolve(module, path)) if (!target.module) add(module.file, target.file, line, path.join("::"));
    for (const glob of module.globs)
      for (const target of resolve(module, glob.path)) {
        if (!target.module) add(module.file, target.file, glob.line, glob.path.join("::"));
        else if (glob.exported) add(module.file, target.module.file, glob.line, `${glob.path.join("::")}::*`);
      }
    if (module.globs.length === 0) continue;
    const own = new Set([...module.children.keys(), ...module.items.keys(), ...module.imports.map((entry) => entry.alias)]);
    for (const { name, line } of module.names)
      if (!own.has(name)) for (const target of resolve(module, [name])) if (!target.module) add(module.file, target.file, line, `*::${name}`);
  }
  return arrows;
}

// Tarjan: the groups of files that reach each other.
function circles(arrows) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const next of arrows.get(file)?.keys() ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(file, Math.min(low.get(file), low.get(next)));
      } else if (stack.includes(next)) low.set(file, Math.min(low.get(file), index.get(next)));
    }
    if (low.get(file) === index.get(file)) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) found.push(group);
    }
  };
  for (const file of arrows.keys()) if (!index.has(file)) visit(file);
  return found;
}

const show = (from, to, uses) => {
  const paths = [...new Map(uses.map((use) => [use.path, use])).values()];
  const shown = paths.slice(0, 4).map((use) => `${use.path} (${use.line})`);
  return `    ${from} -> ${to}   ${shown.join(", ")}${paths.length > 4 ? `, and ${paths.length - 4} more` : ""}`;
};

let total = 0;
const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
for (const crate of named.length ? named : CRATES) {
  const arrows = arrowsOf(readCrate(TOP, crate));
  const short = (file) => shortName(`${TOP}/${crate}/src`, file);
  if (process.argv.includes("--arrows"))
    for (const [from, targets] of arrows) for (const [to, uses] of targets) console.log(show(short(from), short(to), uses));
  const groups = circles(arrows);
  total += groups.length;
  console.log(`${crate}: ${arrows.size} files, ${groups.length === 0 ? "no circle" : `${groups.length} circle${groups.length > 1 ? "s" : ""}`}`);
  for (const group of groups) {
    console.log(`  a circle of ${group.length} files:`);
    const inside = [];
    for (const from of group)
      for (const [to, uses] of arrows.get(from)) if (group.includes(to)) inside.push([short(from), short(to), uses]);
    inside.sort((a, b) => a[2].length - b[2].length || a[0].localeCompare(b[0]));
    for (const arrow of inside) console.log(show(...arrow));
  }
}
process.exit(total === 0 ? 0 : 1);
