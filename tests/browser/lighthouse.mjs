// Judges the ten pages that people see most with Lighthouse, as on a cheap phone, and prints its points beside each.
// Never a test: the points for speed depend on the machine. Usage: beside.sh BIN_DIR node lighthouse.mjs
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { chromium } from "playwright-core";
import { Citizen, Officer, PORTAL } from "./people.mjs";
import { browser } from "./visitor.mjs";
import lighthouse from "./lighthouse/node_modules/lighthouse/core/index.js";

const SERVICE = "/services/justice/marriage-certificate-copy";
const MANNER = { language: "uz", scripts: true, width: 360 };
// Of a page that only its owner sees, nobody wants search engines to think anything.
const ALL = ["performance", "accessibility", "best-practices", "seo"];
const OWN = ALL.slice(0, 3);
const RUNS = 3;

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function cookies(visitor) {
  const kept = await visitor.context.cookies(PORTAL);
  return { Cookie: kept.map(({ name, value }) => `${name}=${value}`).join("; ") };
}

// The median of a few runs, as Lighthouse's authors advise.
async function judge(port, address, categories, headers) {
  const points = Object.fromEntries(categories.map((name) => [name, []]));
  const lost = new Set();
  for (let run = 0; run < RUNS; run += 1) {
    const { lhr } = await lighthouse(address, {
      port, onlyCategories: categories, extraHeaders: headers, logLevel: "error", output: "json",
    });
    for (const name of categories) points[name].push(Math.round(lhr.categories[name].score * 100));
    for (const name of categories) {
      for (const { id, weight } of lhr.categories[name].auditRefs) {
        const { score } = lhr.audits[id];
        if (weight > 0 && score !== null && score < 0.9) lost.add(id);
      }
    }
  }
  const median = (list) => list.sort((one, other) => one - other)[Math.floor(list.length / 2)];
  const found = Object.fromEntries(categories.map((name) => [name, median(points[name])]));
  return { found, lost: [...lost] };
}

const citizen = await Citizen.come(MANNER, "lighthouse");
await citizen.signIn("dilnoza");
await citizen.begin();
await citizen.answerWithFacts();
const number = await citizen.sendAndPay();
const application = citizen.application();
const officer = await Officer.come(MANNER, "registrar-tashkent");
await officer.openTask(number);
const draft = await Citizen.come(MANNER, "lighthouse-draft");
await draft.signIn("botir");
await draft.begin();
await draft.answerWithoutFacts();

const [own, others, officers] = [await cookies(citizen), await cookies(draft), await cookies(officer)];
const pages = [
  ["home", PORTAL + "/", ALL, {}],
  ["life event", `${PORTAL}/life-events/marriage`, ALL, {}],
  ["service", PORTAL + SERVICE, ALL, {}],
  ["search", `${PORTAL}/search?q=nikoh`, ALL, {}],
  ["verify a document", `${PORTAL}/verify`, ALL, {}],
  ["question", draft.application("/pages/date"), OWN, others],
  ["check of the answers", draft.application("/check"), OWN, others],
  ["application", application, OWN, own],
  ["inbox", `${PORTAL}/inbox`, OWN, own],
  ["officer's queue", `${PORTAL}/officer`, OWN, officers],
];
const port = await freePort();
const judged = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", `--remote-debugging-port=${port}`],
});
const table = [];
console.log(`${"page".padEnd(24)}${ALL.map((name) => name.padStart(16)).join("")}  points lost by`);
for (const [name, address, categories, headers] of pages) {
  const { found, lost } = await judge(port, address, categories, headers);
  table.push({ name, ...found, lost });
  console.log(name.padEnd(24) + ALL.map((one) => String(found[one] ?? "–").padStart(16)).join("") + `  ${lost.join(", ")}`);
}
if (process.env.XIZMAT_LIGHTHOUSE) writeFileSync(process.env.XIZMAT_LIGHTHOUSE, `${JSON.stringify(table, null, 2)}\n`);
await judged.close();
await browser.close();
