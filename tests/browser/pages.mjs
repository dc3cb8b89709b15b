// Every page as the services' tests write it (XIZMAT_PAGES), judged like those of a journey: `pages.mjs FOLDER [--wide]`.
// Each is taken once, languages and widths rotated; with --wide in every language and width, with scripts and without.
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { Visitor, browser, faults } from "./visitor.mjs";

const [folder, wide] = process.argv.slice(2);
const LANGUAGES = ["uz", "uz-Cyrl", "kaa", "ru", "en"];
// A phone, a desk, and a desk at 400 %.
const WIDTHS = [360, 1280, 320];
const KINDS = { ".css": "text/css", ".js": "text/javascript", ".html": "text/html; charset=utf-8" };

// What stands for the picture that somebody attached.
const PICTURE = Buffer.from("R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

const server = createServer((request, response) => {
  try {
    const file = decodeURIComponent(new URL(request.url, "http://pages").pathname);
    if (file.endsWith("/image")) return response.writeHead(200, { "content-type": "image/gif" }).end(PICTURE);
    const body = readFileSync(`${folder}${file}`);
    response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const names = [...new Set(readdirSync(folder).filter((file) => file.endsWith("-en.html")).map((file) => file.slice(0, -8)))];
const looks = names.flatMap((name, index) =>
  LANGUAGES.flatMap((language, at) =>
    WIDTHS.flatMap((width, size) =>
      [true, false].map((scripts) =>
        ({ name, language, width, scripts, taken: scripts && at === index % 5 && size === index % 3 })))))
  .filter((look) => wide === "--wide" || look.taken);

const visitors = new Map();
for (const { name, language, width, scripts } of looks) {
  const key = `${language}-${width}-${scripts}`;
  if (!visitors.has(key)) visitors.set(key, await Visitor.arrive({ language, scripts, width }, scripts ? "page" : "plain"));
  const visitor = visitors.get(key);
  await visitor.open(`http://127.0.0.1:${server.address().port}/${name}-${language}.html`);
  await visitor.look(name);
}
for (const fault of faults) console.log(`  ${fault}`);
console.log(`${names.length} pages, ${looks.length} looks, ${faults.length} faults`);
await browser.close();
server.close();
process.exit(faults.length === 0 ? 0 : 1);
