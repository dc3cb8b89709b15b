// The pictures in the documentation, of a platform with a few applications: `beside.sh BIN_DIR node screens.mjs FOLDER`.
import { mkdirSync } from "node:fs";
import { Citizen, Officer, PORTAL } from "./people.mjs";
import { browser } from "./visitor.mjs";

const [folder] = process.argv.slice(2);
const PHONE = { language: "uz", scripts: true, width: 360 };
const DESK = { language: "en", scripts: true, width: 1100 };

mkdirSync(folder, { recursive: true });

async function taken(visitor, name, path) {
  if (path) await visitor.open(PORTAL + path);
  await visitor.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: "disabled" });
}

const citizen = await Citizen.come(PHONE, "citizen");
await taken(citizen, "home");
await taken(citizen, "service", "/services/justice/marriage-certificate-copy");
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
await other.sendAndPay();

const officer = await Officer.come(DESK, "registrar-tashkent");
await officer.until(`${PORTAL}/officer`, number);
await taken(officer, "queue");
await officer.page.locator("main table a", { hasText: number }).click();
await taken(officer, "officer");
const lead = await Officer.come(DESK, "head-tashkent");
await taken(lead, "load", "/officer/load");
const administrator = await Officer.come(DESK, "administrator");
await taken(administrator, "staff", "/staff");
const auditor = await Officer.come(DESK, "auditor");
await taken(auditor, "audit", "/audit");
const treasurer = await Officer.come(DESK, "treasurer");
await taken(treasurer, "finance", "/finance");

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
await browser.close();
