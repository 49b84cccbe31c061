// A small reader of Rust source, for the checks on modules and names: the module tree of a crate, the items each file defines,
// and the paths it uses. Code that is compiled for tests only is left out. Not a compiler: types of expressions are unknown.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const RAW_STRING = /b?r(#*)"/y;
const CLOSING = { "(": ")", "[": "]", "{": "}" };

// Identifiers and punctuation with their lines; comments, strings, numbers and lifetimes are dropped.
export function tokenize(text) {
  const tokens = [];
  let line = 1;
  let at = 0;
  const skipTo = (end) => {
    for (; at < end; at++) if (text[at] === "\n") line++;
  };
  while (at < text.length) {
    const c = text[at];
    if (c === "/" && text[at + 1] === "/") {
      const end = text.indexOf("\n", at);
      skipTo(end < 0 ? text.length : end);
    } else if (c === "/" && text[at + 1] === "*") {
      let depth = 0;
      do {
        const two = text.slice(at, at + 2);
        if (two === "/*") depth++;
        if (two === "*/") depth--;
        skipTo(at + (two === "/*" || two === "*/" ? 2 : 1));
      } while (depth > 0 && at < text.length);
    } else if ((RAW_STRING.lastIndex = at) === at && RAW_STRING.test(text)) {
      RAW_STRING.lastIndex = at;
      const [open, hashes] = RAW_STRING.exec(text);
      skipTo(text.indexOf(`"${hashes}`, at + open.length) + 1 + hashes.length);
    } else if (c === '"' || (c === "b" && text[at + 1] === '"')) {
      let end = at + (c === "b" ? 2 : 1);
      while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      skipTo(end + 1);
    } else if (c === "'" || (c === "b" && text[at + 1] === "'")) {
      const start = at + (c === "b" ? 2 : 1);
      const literal = /(\\(u\{[^}]*\}|x..|.)|[^\\'\n])'/uy;
      literal.lastIndex = start;
      if (literal.test(text)) skipTo(literal.lastIndex);
      else {
        at = start;
        IDENTIFIER.lastIndex = at;
        if (IDENTIFIER.test(text)) at = IDENTIFIER.lastIndex;
      }
    } else if (/[0-9]/.test(c)) {
      const number = /[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)?/y;
      number.lastIndex = at;
      number.test(text);
      at = number.lastIndex;
    } else if ((IDENTIFIER.lastIndex = at) === at && IDENTIFIER.test(text)) {
      tokens.push({ text: text.slice(at, IDENTIFIER.lastIndex), line, name: true });
      at = IDENTIFIER.lastIndex;
      if (text[at] === "#" && tokens.at(-1).text === "r") {
        at++; // a raw identifier: r#type
        IDENTIFIER.lastIndex = at;
        IDENTIFIER.test(text);
        tokens.at(-1).text = text.slice(at, IDENTIFIER.lastIndex);
        at = IDENTIFIER.lastIndex;
      }
    } else if (c === ":" && text[at + 1] === ":") {
      tokens.push({ text: "::", line });
      at += 2;
    } else {
      if (!/\s/.test(c)) tokens.push({ text: c, line });
      skipTo(at + 1);
    }
  }
  return tokens;
}

// The index behind the bracket that closes the one at `open`.
function behind(tokens, open) {
  const wanted = CLOSING[tokens[open].text];
  const opened = tokens[open].text;
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i].text === opened) depth++;
    else if (tokens[i].text === wanted && --depth === 0) return i + 1;
  }
  return tokens.length;
}

// The index behind an item or statement: its first `;`, or its first braces, outside of other brackets.
function behindItem(tokens, start, needsSemicolon = false) {
  let i = start;
  while (i < tokens.length) {
    const t = tokens[i].text;
    if (t === ";") return i + 1;
    if (t === "," && !needsSemicolon && start === i) return i + 1;
    if (t === "{") {
      i = behind(tokens, i);
      if (!needsSemicolon) return i;
    } else if (t === "(" || t === "[") i = behind(tokens, i);
    else if (t === "}") return i;
    else i++;
  }
  return i;
}

// Whether an attribute, as its tokens, keeps the item out of the product.
function onlyForTests(attribute) {
  const words = attribute.filter((t) => t.name).map((t) => t.text);
  if (words[0] === "test" || (words[0] === "tokio" && words[1] === "test")) return true;
  return words[0] === "cfg" && words.includes("test") && !words.includes("not");
}

class Module {
  constructor(crate, name, parent, file) {
    Object.assign(this, { crate, name, parent, file, children: new Map(), items: new Map(), imports: [], globs: [], paths: [], names: [] });
  }
  get root() {
    return this.parent ? this.parent.root : this;
  }
}

function push(map, key, value) {
  if (map.has(key)) map.get(key).push(value);
  else map.set(key, [value]);
}

// A use tree as [{ path, alias, glob }].
function useTree(tokens, start, prefix = []) {
  const path = [...prefix];
  let i = start;
  if (tokens[i]?.text === "::") i++;
  for (;;) {
    const t = tokens[i];
    if (!t) return [[], i];
    if (t.text === "{") {
      const all = [];
      i++;
      while (tokens[i] && tokens[i].text !== "}") {
        if (tokens[i].text === ",") {
          i++;
          continue;
        }
        const [inner, next] = useTree(tokens, i, path);
        all.push(...inner);
        if (next === i) return [all, i + 1];
        i = next;
      }
      return [all, i + 1];
    }
    if (t.text === "*") return [[{ path, glob: true, line: t.line }], i + 1];
    if (!t.name) return [[], i];
    path.push(t.text);
    i++;
    if (tokens[i]?.text === "::") {
      i++;
      continue;
    }
    if (path.at(-1) === "self" && path.length > 1) path.pop();
    let alias = path.at(-1);
    if (tokens[i]?.text === "as") {
      alias = tokens[i + 1].text;
      i += 2;
    }
    return [[{ path, alias, line: t.line }], i];
  }
}

function addUse(module, tokens, i, exported) {
  const [trees, next] = useTree(tokens, i);
  for (const tree of trees) {
    const entry = { ...tree, exported };
    if (tree.glob) module.globs.push(entry);
    else module.imports.push(entry);
  }
  return next;
}

// Paths, `use` and type definitions inside the tokens of an item.
function readBody(module, tokens, start, end) {
  let i = start;
  while (i < end) {
    const t = tokens[i];
    if (t.text === "#" && tokens[i + 1]?.text === "[") {
      const next = behind(tokens, i + 1);
      const inside = tokens.slice(i + 2, next - 1);
      if (onlyForTests(inside)) {
        i = next;
        while (tokens[i]?.text === "#") i = behind(tokens, i + 1);
        i = Math.min(behindItem(tokens, i), end);
        continue;
      }
      i += 2;
      continue;
    }
    if (!t.name) {
      i++;
      continue;
    }
    const before = tokens[i - 1]?.text;
    if (t.text === "use" && before !== "." && tokens[i + 1]?.name) {
      i = addUse(module, tokens, i + 1, false);
      continue;
    }
    if (["struct", "enum", "trait", "union"].includes(t.text) && tokens[i + 1]?.name && /^[A-Z]/.test(tokens[i + 1].text))
      module.types.push({ name: tokens[i + 1].text, line: t.line });
    const path = [t.text];
    let next = i + 1;
    while (tokens[next]?.text === "::" && tokens[next + 1]?.name) {
      path.push(tokens[next + 1].text);
      next += 2;
    }
    if (before !== "." && before !== "::") {
      if (path.length > 1) module.paths.push({ path, line: t.line });
      else module.names.push({ name: t.text, line: t.line });
    }
    i = next;
  }
}

const DEFINES = new Set(["fn", "struct", "enum", "trait", "type", "const", "static", "union"]);
const TYPES = new Set(["struct", "enum", "trait", "type", "union"]);

function readItems(module, tokens, start, end, folder) {
  let i = start;
  while (i < end) {
    let t = tokens[i];
    const from = i;
    let skip = false;
    let ownPath = null;
    while (t?.text === "#") {
      const open = tokens[i + 1]?.text === "!" ? i + 2 : i + 1;
      const next = behind(tokens, open);
      if (open === i + 1 && onlyForTests(tokens.slice(open + 1, next - 1))) skip = true;
      i = next;
      t = tokens[i];
    }
    if (i >= end) break;
    let exported = false;
    if (t.text === "pub") {
      exported = true;
      i++;
      if (tokens[i]?.text === "(") i = behind(tokens, i);
      t = tokens[i];
    }
    if (t.text === "mod" && tokens[i + 1]?.name) {
      const name = tokens[i + 1].text;
      const inline = tokens[i + 2]?.text === "{";
      const next = inline ? behind(tokens, i + 2) : i + 3;
      if (!skip) {
        const child = new Module(module.crate, name, module, module.file);
        child.types = [];
        if (inline) {
          push(module.children, name, child);
          readItems(child, tokens, i + 3, next - 1, join(folder, name));
        } else {
          const file = [join(folder, `${name}.rs`), join(folder, name, "mod.rs")].find(existsSync);
          if (file) {
            push(module.children, name, child);
            child.file = file;
            readFile(child, join(folder, name));
          }
        }
      }
      i = next;
      continue;
    }
    if (t.text === "use") {
      const next = behindItem(tokens, i, true);
      if (!skip) addUse(module, tokens, i + 1, exported);
      i = next;
      continue;
    }
    // The word that says what is defined stands behind async, const, unsafe, extern or default.
    let word = i;
    while (["async", "unsafe", "extern", "default"].includes(tokens[word]?.text) || (tokens[word]?.text === "const" && tokens[word + 1]?.text === "fn")) word++;
    const kind = tokens[word]?.text;
    const next = behindItem(tokens, i, kind === "const" || kind === "static" || kind === "type");
    if (!skip) {
      if (DEFINES.has(kind)) {
        const name = tokens[word + 1].text === "mut" ? tokens[word + 2].text : tokens[word + 1].text;
        push(module.items, name, { file: module.file, name, line: tokens[word].line });
        if (kind === "type") module.types.push({ name, line: t.line });
        readBody(module, tokens, TYPES.has(kind) ? from : word + 1, next);
      } else if (kind === "macro_rules") {
        const name = tokens[word + 2].text;
        push(module.items, name, { file: module.file, name, line: tokens[word].line });
        readBody(module, tokens, word + 3, next);
      } else readBody(module, tokens, from, next);
    }
    i = Math.max(next, i + 1);
  }
}

function readFile(module, folder) {
  const tokens = tokenize(readFileSync(module.file, "utf8"));
  readItems(module, tokens, 0, tokens.length, folder);
}

// The module tree of a crate. A binary beside the library (`main.rs`) is read as a module of it.
export function readCrate(top, crate) {
  const folder = join(top, crate, "src");
  const root = new Module(crate, crate, null, join(folder, "lib.rs"));
  root.types = [];
  readFile(root, folder);
  const main = join(folder, "main.rs");
  if (existsSync(main)) {
    const binary = new Module(crate, "main", root, main);
    binary.types = [];
    readFile(binary, folder);
    push(root.children, "main", binary);
  }
  return root;
}

export function* modules(module) {
  yield module;
  for (const children of module.children.values()) for (const child of children) yield* modules(child);
}

// What a name means in a module: modules as { module }, items as { file, name }.
function lookup(module, name, seen) {
  const key = `${module.file}|${module.name}|${name}`;
  if (seen.has(key)) return [];
  seen.add(key);
  const found = [];
  for (const child of module.children.get(name) ?? []) found.push({ module: child });
  for (const item of module.items.get(name) ?? []) found.push(item);
  for (const entry of module.imports) if (entry.alias === name) found.push(...resolve(module, entry.path, seen, true));
  if (found.length) return found;
  for (const glob of module.globs)
    for (const target of resolve(module, glob.path, seen, true)) if (target.module) found.push(...lookup(target.module, name, seen));
  return found;
}

// What a path means from inside a module; nothing for what other crates define.
export function resolve(module, path, seen = new Set(), inUse = false) {
  let [first, ...rest] = path;
  let targets;
  if (first === "crate" || (first === module.crate && module.name === "main")) targets = [{ module: module.root }];
  else if (first === "self") targets = [{ module }];
  else if (first === "super") targets = [{ module: module.parent }];
  // `use http::…` inside a module called `http` means the other crate: its own name is no path from there.
  else targets = lookup(module, first, inUse && path.length > 1 ? new Set(seen) : seen);
  for (const name of rest) {
    const next = [];
    for (const target of targets) {
      if (!target.module) next.push(target); // a variant or an associated item
      else if (name === "super") next.push({ module: target.module.parent });
      else if (name === "self") next.push(target);
      else next.push(...lookup(target.module, name, new Set(seen)));
    }
    targets = next;
  }
  return targets;
}

export function shortName(top, file) {
  return relative(top, file).replaceAll("\\", "/");
}

export const CRATES = ["domain", "backend", "app", "frontend", "server"];
export const TOP = dirname(dirname(new URL(import.meta.url).pathname));
