// Makes dist/: one hashed style sheet and two hashed scripts, with their compressed twins, and the list Rust embeds.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { compile } from "sass";

const here = new URL(".", import.meta.url).pathname;
const dist = `${here}dist`;
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

// Scripts are short: dropping comments and indentation is all the minifying they need.
const script = (name) => readFileSync(`${here}${name}.js`, "utf8").split("\n").map((line) => line.trim())
  .filter((line) => line && !line.startsWith("//")).join("\n");
const style = compile(`${here}xizmat.scss`, { style: "compressed", quietDeps: true }).css.trim();
for (const forbidden of ["GDS Transport", "@font-face", "url("]) {
  if (style.includes(forbidden)) throw new Error(`the style sheet must not contain ${forbidden}`);
}

const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const lines = [];
const files = [
  ["CSS", "the style sheet", "xizmat", "css", style],
  ["JS", "the script", "xizmat", "js", script("xizmat")],
  ["UPLOAD", "the script that sends files in parts", "upload", "js", script("upload")],
];
for (const [constant, what, name, kind, body] of files) {
  const bytes = Buffer.from(body);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = `${name}-${hash}.${kind}`;
  writeFileSync(`${dist}/${file}`, bytes);
  writeFileSync(`${dist}/${file}.br`, brotliCompressSync(bytes, brotli));
  writeFileSync(`${dist}/${file}.gz`, gzipSync(bytes, { level: 9 }));
  const part = (ending) => `include_bytes!("${file}${ending}")`;
  lines.push(`/// Address of ${what}: the name changes with its content.`);
  lines.push(`pub const ${constant}: &str = "/assets/${file}";`);
  lines.push(`pub const ${constant}_FILE: web::Asset = web::Asset {`);
  lines.push(`    name: "${file}",`, `    kind: "text/${kind === "css" ? "css" : "javascript"}; charset=utf-8",`);
  lines.push(`    plain: ${part("")},`, `    brotli: ${part(".br")},`, `    gzip: ${part(".gz")},`, `};`);
  console.log(`${file}: ${bytes.length} bytes, brotli ${brotliCompressSync(bytes, brotli).length}`);
}
writeFileSync(`${dist}/assets.rs`, `// Written by services/portal/assets/build.mjs. Do not edit.\n${lines.join("\n")}\n`);
