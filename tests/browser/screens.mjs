// The pictures in the documentation, of a platform with a few applications; whatever is passed on the way is judged like the pages of
// a journey, so that no picture shows a fault. `XIZMAT_WATCH=1 beside.sh BIN_DIR node screens.mjs FOLDER`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Citizen, Officer, PORTAL } from "./people.mjs";
import { browser, faults } from "./visitor.mjs";

const [folder] = process.argv.slice(2);
const PHONE = { language: "uz", scripts: true, width: 360 };
const DESK = { language: "en", scripts: true, width: 1100 };
const SERVICE = "marriage-certificate-copy";
const LANGUAGES = ["uz", "uz-Cyrl", "kaa", "ru", "en"];
// What lists say that do not show the newest yet.
const BEHIND = /This list is a little behind|Not read to the end just now/;

mkdirSync(folder, { recursive: true });

async function taken(visitor, name, path) {
  if (path) await visitor.open(PORTAL + path);
  assert.ok(visitor.status < 400, `${name} would be a picture of ${visitor.status} on ${visitor.page.url()}`);
  await visitor.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: "disabled" });
  await visitor.look(name);
}

async function seen(visitor, name, path) {
  await visitor.open(PORTAL + path);
  await visitor.look(name);
}

const shows = (...words) => (text) => words.every((word) => text.includes(word)) && !BEHIND.test(text);

// Sent, and not paid; the page that asks for the money names it.
async function unpaid(citizen) {
  await citizen.next();
  return (await citizen.text(".govuk-caption-l")).split("·").pop().trim();
}

async function claims(officer, number) {
  await officer.page.locator("main table tr", { hasText: number }).locator("form[action^='/officer/claims/'] button").click();
  await officer.page.waitForLoadState("load");
  await officer.reads("You have this task");
  await officer.look("claimed");
}

// One treasurer asks for a refund, and another sees it wait.
async function refundWaits(number) {
  const treasurer = await Officer.come(DESK, "treasurer");
  await seen(treasurer, "payments", `/finance/payments?agency=justice&term=${encodeURIComponent(number)}`);
  await treasurer.click("main table a[href^='/finance/payments/justice/']");
  await treasurer.look("payment");
  await treasurer.page.selectOption("[name='_reason']", "paid-twice");
  await treasurer.page.fill("[name='_note']", "Letter 118 of the bank");
  await treasurer.next();
  await treasurer.reads("Another officer has to confirm it now.");
  await treasurer.look("refund-asked");
  for (const path of ["refunds", "settlement", "days"]) await seen(treasurer, path, `/finance/${path}?agency=justice`);
  const accountant = await Officer.come(DESK, "chief-accountant");
  await accountant.open(`${PORTAL}/finance`);
  await accountant.reads("Letter 118 of the bank", number);
  await taken(accountant, "finance");
}

async function cashIsTaken(number) {
  const cashier = await Officer.come(DESK, "cashier-tashkent");
  await seen(cashier, "shift", "/cash");
  await cashier.page.selectOption("[name='_office']", "tashkent-yunusabad");
  await cashier.page.fill("main form[action='/cash/shift'] [name='_sum']", "50000");
  await cashier.click("main form[action='/cash/shift'] button");
  await cashier.page.fill("#term", number);
  await cashier.click("main form[action='/cash'] button");
  await cashier.look("due");
  await cashier.click("main form[action='/cash/takings'] button");
  await cashier.reads("Cash receipt", number);
  await cashier.look("cash-receipt");
  await taken(cashier, "cash", "/cash");
}

async function caseIsHeld(number) {
  const archivist = await Officer.come(DESK, "archivist");
  await seen(archivist, "records-none", `/officer/records?agency=justice&service=${SERVICE}`);
  await archivist.page.check("[name='_what'][value='hold']");
  await archivist.page.fill("[name='_number']", number);
  await archivist.page.fill("[name='_reason']", "Civil court, file 2-114");
  await archivist.click("main form[action='/officer/records/order'] button");
  await archivist.reads("The case is held.", number);
  await taken(archivist, "records");
}

async function actsAreFound(number) {
  const auditor = await Officer.come(DESK, "auditor");
  await seen(auditor, "audit-form", "/officer/audit");
  await auditor.until(`${PORTAL}/officer/audit`, shows("A case was opened", "Malika Yusupova", number), async () => {
    await auditor.page.fill("#number", number);
    await auditor.page.fill("#purpose", "Inspection 7");
    await auditor.next();
  });
  await taken(auditor, "audit");
  await auditor.click("main tr:has-text('A case was opened') button[name='_place']");
  await auditor.reads("A case was opened", number);
  await auditor.look("audit-act");
}

// The agency wants two to approve what it publishes, and its service says something in other words: that waits for them now.
function changed() {
  const { XIZMAT_DEFINITIONS: folder, XIZMAT_DATA_FOLDER: data, XIZMAT_PROGRAM: program } = process.env;
  const [agency, service, aside] = [`${folder}/justice/agency.yaml`, `${folder}/justice/${SERVICE}`, `${data}/../aside`];
  const below = (text, line) => text.replace("\nspec:\n", `\nspec:\n  ${line}\n`);
  cpSync(service, aside, { recursive: true });
  const text = readFileSync(`${service}/service.yaml`, "utf8").replace('en: "Copy issued"', 'en: "The copy was issued"');
  writeFileSync(`${aside}/service.yaml`, text);
  const reviewed = LANGUAGES.map((language) =>
    execFileSync(program, ["texts", "--reviewed", language, aside], { encoding: "utf8", env: { PATH: process.env.PATH } }).trim());
  writeFileSync(agency, below(readFileSync(agency, "utf8"), "publication: approved"));
  writeFileSync(`${service}/service.yaml`, below(text, `texts: {reviewed: {${reviewed.join(", ")}}}`));
}

async function changeWaits() {
  const lawyer = await Officer.come(DESK, "lawyer");
  await seen(lawyer, "publication-none", "/publication");
  changed();
  await lawyer.until(`${PORTAL}/publication`, shows("Still to approve"));
  await lawyer.look("publications");
  await lawyer.click("main a[href^='/publication/']");
  await lawyer.reads("What changes");
  await taken(lawyer, "publication");
}

const citizen = await Citizen.come(PHONE, "citizen");
await taken(citizen, "home");
await taken(citizen, "service", `/services/justice/${SERVICE}`);
await citizen.signIn("dilnoza");
await taken(citizen, "start");
await citizen.begin();
await taken(citizen, "question");
await citizen.answerWithFacts();
await taken(citizen, "check");
const number = await citizen.sendAndPay();

const other = await Citizen.come(PHONE, "another");
await other.signIn("botir");
await other.begin();
await other.answerWithoutFacts();
const others = await other.sendAndPay();

const payer = await Citizen.come(PHONE, "payer");
await payer.signIn("botir");
await payer.begin();
await payer.answerWithoutFacts();
await cashIsTaken(await unpaid(payer));

const officer = await Officer.come(DESK, "registrar-tashkent");
await officer.until(`${PORTAL}/officer`, shows(number, others));
await claims(officer, others);
await taken(officer, "queue", "/officer");
await officer.page.locator("main table a", { hasText: number }).click();
await officer.reads(number);
await taken(officer, "officer");
const lead = await Officer.come(DESK, "head-tashkent");
await lead.until(`${PORTAL}/officer/load`, shows("Malika Yusupova"));
await taken(lead, "load");
await seen(lead, "stuck", `/officer/stuck?agency=justice&service=${SERVICE}`);
await seen(lead, "ratings", "/officer/ratings?agency=justice");
await seen(lead, "events", "/officer/events?agency=justice");
const administrator = await Officer.come(DESK, "administrator");
await taken(administrator, "staff", "/staff");
await seen(administrator, "staff-invite", "/staff/justice/invite");
await refundWaits(others);
await caseIsHeld(others);
await actsAreFound(number);

await officer.approve();
await citizen.follow(citizen.words.granted);
await taken(citizen, "application");
const printed = await citizen.printed();
await taken(citizen, "inbox", "/inbox");
await taken(citizen, "data-use", "/data-use");
await citizen.open(`${PORTAL}/verify`);
await citizen.page.fill("#number", printed.number);
await citizen.page.fill("#code", printed.code);
await citizen.click("main form[action='/verify'] button");
await taken(citizen, "verification");
await changeWaits();
await browser.close();
for (const fault of faults) console.log(`  ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
