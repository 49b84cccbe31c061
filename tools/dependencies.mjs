// Checks the dependencies that Cargo.lock names, without a network:
//   node tools/dependencies.mjs            licences, sources, forbidden crates, crates that must have one version
//   node tools/dependencies.mjs sbom FILE  writes the bill of materials of the release (CycloneDX 1.5)
// Ends with 1 if something is found. Known vulnerabilities need the advisory database: `ADVISORIES=1 tools/lint.sh` asks cargo-audit.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";

const LICENCES = new Set(
  "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CDLA-Permissive-2.0 ISC MIT OFL-1.1 Unicode-3.0 Zlib Apache-2.0WITHLLVM-exception".split(" "),
);
const REGISTRY = "registry+https://github.com/rust-lang/crates.io-index";
// A second TLS library, or one of C, would have to be watched beside rustls.
const FORBIDDEN = new Set("openssl openssl-sys native-tls boring aws-lc-rs aws-lc-sys".split(" "));
// Two versions of these would not work together, or would double what must be kept up to date.
const SINGLE = "axum chrono http hyper leptos libsqlite3-sys ring rustls serde sqlx tokio tower uuid wasm-bindgen".split(" ");

const metadata = JSON.parse(execFileSync("cargo", ["metadata", "--locked", "--format-version", "1"], { maxBuffer: 1 << 28 }));
const foreign = metadata.packages.filter((p) => p.source !== null);

// Whether one of the allowed licences suffices: `A OR (B AND C)`, with `/` as in old manifests.
function allowed(expression) {
  const tokens = expression.replaceAll("/", " OR ").replace(/ WITH /g, "WITH").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let result = both();
    while (tokens[at] === "OR") at++, (result = both() || result);
    return result;
  };
  const both = () => {
    let result = one();
    while (tokens[at] === "AND") at++, (result = one() && result);
    return result;
  };
  const one = () => {
    if (tokens[at] !== "(") return LICENCES.has(tokens[at++]);
    at++;
    const result = either();
    at++;
    return result;
  };
  return either() && at === tokens.length;
}

function faults() {
  const found = [];
  for (const { name, version, license, source } of foreign) {
    if (!allowed(license ?? "none")) found.push(`${name} ${version}: the licence ${license} is not on the list`);
    if (source !== REGISTRY) found.push(`${name} ${version}: it comes from ${source}`);
    if (FORBIDDEN.has(name)) found.push(`${name} ${version} is forbidden`);
  }
  for (const name of SINGLE) {
    const versions = foreign.filter((p) => p.name === name).map((p) => p.version);
    if (versions.length !== 1) found.push(`${name} has ${versions.length} versions: ${versions.join(", ")}`);
  }
  return found;
}

// The packages that the program or the browser part contain: everything they need but for tests.
function shipped() {
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const roots = metadata.packages.filter((p) => p.source === null && ["server", "frontend"].includes(p.name)).map((p) => p.id);
  const seen = new Set();
  for (const waiting = [...roots]; waiting.length > 0; ) {
    const id = waiting.pop();
    if (seen.has(id)) continue;
    seen.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id).deps) if (dep_kinds.some(({ kind }) => kind !== "dev")) waiting.push(pkg);
  }
  return { packages: metadata.packages.filter((p) => seen.has(p.id)), nodes, seen };
}

function billOfMaterials() {
  const lock = readFileSync("Cargo.lock", "utf8");
  const checksums = new Map([...lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g)].map((m) => [`${m[1]} ${m[2]}`, m[3]]));
  const { packages, nodes, seen } = shipped();
  const purl = ({ name, version, source }) => (source === null ? `pkg:generic/${name}@${version}` : `pkg:cargo/${name}@${version}`);
  const byId = new Map(packages.map((p) => [p.id, purl(p)]));
  const component = (p) => {
    const checksum = checksums.get(`${p.name} ${p.version}`);
    return {
      type: "library",
      "bom-ref": purl(p),
      name: p.name,
      version: p.version,
      purl: purl(p),
      ...(p.license && { licenses: [{ expression: p.license.replaceAll("/", " OR ") }] }),
      ...(checksum && { hashes: [{ alg: "SHA-256", content: checksum }] }),
    };
  };
  const npm = Object.entries(JSON.parse(readFileSync("style/package-lock.json", "utf8")).packages)
    .filter(([path, p]) => path !== "" && p.version && !p.optional)
    .map(([path, p]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const ref = `pkg:npm/${name.replace("@", "%40")}@${p.version}`;
      return { type: "library", "bom-ref": ref, name, version: p.version, purl: ref, scope: "optional", ...(p.license && { licenses: [{ expression: p.license }] }) };
    });
  const program = metadata.packages.find((p) => p.source === null && p.name === "server");
  const components = [...packages.filter((p) => p !== program).map(component), ...new Map(npm.map((c) => [c["bom-ref"], c])).values()];
  const dependencies = packages.map((p) => ({
    ref: byId.get(p.id),
    dependsOn: [...new Set(nodes.get(p.id).deps.filter((d) => seen.has(d.pkg) && d.dep_kinds.some(({ kind }) => kind !== "dev")).map((d) => byId.get(d.pkg)))],
  }));
  // The same sources give the same file.
  const digest = createHash("sha256").update(JSON.stringify(components)).digest("hex");
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
    version: 1,
    metadata: { component: { type: "application", "bom-ref": purl(program), name: "registrar", version: program.version } },
    components,
    dependencies,
  };
}

const [command, file] = process.argv.slice(2);
if (command === "sbom" && file) {
  const bill = billOfMaterials();
  writeFileSync(file, JSON.stringify(bill, null, 1) + "\n");
  console.log(`${file}: ${bill.components.length} components.`);
} else {
  const found = faults();
  for (const fault of found) console.log(fault);
  console.log(found.length === 0 ? `${foreign.length} dependencies: licences, sources and versions are as they should be.` : `${found.length} dependencies to look at.`);
  process.exit(found.length === 0 ? 0 : 1);
}
