// A building permit in Uzbek in Cyrillic: on a phone a director applies for a company, at their desks three agencies each see their part,
// weeks later an inspector comes and two officers decide. `XIZMAT_REHEARSAL=1 beside.sh BIN_DIR node permit.mjs`
import assert from "node:assert/strict";
import { advance, now } from "./clock.mjs";
import { Citizen, Officer } from "./people.mjs";
import { journey, over } from "./walks.mjs";

const SERVICE = "/services/construction/building-permit";
const PHONE = { language: "uz-Cyrl", scripts: true, width: 360 };
const DESK = { ...PHONE, width: 1280 };
const DAY_S = 86_400;
// Tashkent is so far ahead of UTC.
const TASHKENT_S = 5 * 3_600;

const COMPANY = "«Anor Savdo» MChJ";
const BUILDING = "«Наврўз» савдо уйи";
const ADDRESS = "Юнусобод тумани, Боғишамол кўчаси, 12-уй";
const CADASTRE = "10:09:04:02:01:0123";
const CONTACT = "+998907654321";
const DRAWING = "Chizma.pdf";
const OBJECTION = "Икки зинадан бири дўкон ичидан ўтади.";
const NOTE = "Зиналар энди алоҳида.";
// What no expert needs for an opinion.
const SECRETS = [COMPANY, "Sobirova", "301234567", CONTACT];

// An answer for each page of the form, in its order: a value of a field, or which of its options is chosen.
const PAGES = {
  building: [["building.name", BUILDING], ["building.use", { chosen: "public" }], ["building.floors", "2"], ["building.area", "480"]],
  fire: [["fire.exits", "3"], ["fire.water", { chosen: "true" }]],
  utilities: [["utilities.water", { chosen: "network" }], ["utilities.sewage", { chosen: "network" }]],
  environment: [["environment.trees", "0"], ["environment.river", { chosen: "false" }]],
};
const EXPERTS = [
  { login: "fire-expert", task: "fire", sees: [BUILDING, DRAWING], says: ["object", { reason: "exits", note: OBJECTION }] },
  { login: "sanitary-expert", task: "sanitary", sees: [BUILDING], says: ["support"] },
  { login: "ecology-expert", task: "ecology", sees: [], says: ["support"] },
];

async function permit() {
  const citizen = await director("director");
  await citizen.next();
  const days = await answered(citizen);
  const number = await citizen.sendAndPay();
  const application = citizen.application();
  for (const expert of EXPERTS) await opinion(number, expert);
  await citizen.follow(citizen.words.waits);
  await citizen.reads(citizen.words.opinion);
  assert.ok(!(await citizen.text()).includes(OBJECTION), "what agencies think is not for the applicant");
  await citizen.look("waits-for-the-inspector");
  await citizen.leave();

  await advance(days * DAY_S);
  await inspected(number);
  await decidedByTwo(number);
  // Sessions do not live that long.
  const again = await director("director-again");
  await again.until(application, again.words.granted);
  await again.reads(again.words.two);
  await again.look("decision");
  const printed = await again.printed();
  const file = await again.sealedDocument();
  await again.verify(printed, file);
  await again.leave();
}

// Signs in and says for which company.
async function director(name) {
  const citizen = await Citizen.come(PHONE, name);
  await citizen.identify("malika", SERVICE);
  assert.equal(citizen.path(), "/acting");
  await citizen.reads(COMPANY);
  await citizen.look("acting");
  await citizen.click(`main form button:has-text("${COMPANY}")`);
  assert.equal(citizen.path(), `${SERVICE}/start`);
  assert.ok((await citizen.text("header")).includes(`${COMPANY} ${citizen.words.acting}`), "every page says for whom");
  await citizen.look("start");
  return citizen;
}

// Says in how many days the inspector comes.
async function answered(citizen) {
  const { page } = citizen;
  await citizen.reads(citizen.words.title);
  await page.selectOption("[name='site.office']", "tashkent");
  await page.fill("[name='site.address']", ADDRESS);
  await page.fill("[name='site.cadastre']", "10:09");
  await citizen.goOn();
  await citizen.hasError("site.cadastre");
  await citizen.look("question-site-wrong");
  await page.fill("[name='site.cadastre']", CADASTRE);
  await citizen.goOn();
  for (const [name, answers] of Object.entries(PAGES)) {
    assert.ok(citizen.path().endsWith(`/pages/${name}`), `${name} comes next, not ${citizen.path()}`);
    await citizen.look(`question-${name}`);
    for (const [at, value] of answers) {
      if (value.chosen) await page.check(`[name='${at}'][value='${value.chosen}']`);
      else await page.fill(`[name='${at}']`, value);
    }
    await citizen.goOn();
  }
  await withDrawing(citizen);
  const days = await dayChosen(citizen);
  await citizen.look("question-contact");
  await page.fill("[name='contact.phone']", CONTACT);
  await citizen.goOn();
  assert.match(citizen.path(), /\/check$/);
  await citizen.reads(BUILDING, ADDRESS, DRAWING);
  await citizen.look("check");
  return days;
}

async function withDrawing(citizen) {
  const { page } = citizen;
  await citizen.goOn();
  await citizen.hasError("drawings.files");
  await citizen.look("question-drawings-missing");
  await citizen.click("button[name='_files']");
  const buffer = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(4096, "x")]);
  await page.setInputFiles("#file", { name: DRAWING, mimeType: "application/pdf", buffer });
  await page.click("form[data-uploads] button");
  await page.locator("form[action$='/remove']").waitFor();
  await citizen.untilThere("main a[href*='/file/'][download]");
  await citizen.look("files-attached");
  await citizen.click("main a.govuk-button");
  await citizen.reads(DRAWING);
  await citizen.goOn();
}

// The first working day on which the inspector can come: neither too early, nor at a weekend, nor on a holiday.
async function dayChosen(citizen) {
  await on(citizen, 3);
  await citizen.hasError("inspection.date-day");
  await citizen.reads(citizen.words.tooEarly);
  await citizen.look("question-inspection-wrong");
  for (let days = 14; days < 30; days += 1) {
    await on(citizen, days);
    if (!citizen.path().endsWith("/pages/inspection")) return days;
    await citizen.reads(citizen.words.workingDay);
  }
  return assert.fail("no working day is taken");
}

// Asks for the day that is so many days from today.
async function on(citizen, days) {
  const [year, month, day] = new Date(now() + (TASHKENT_S + days * DAY_S) * 1000).toISOString().slice(0, 10).split("-");
  for (const [part, value] of Object.entries({ year, month, day })) {
    await citizen.page.fill(`[name='_date:${part}:inspection.date']`, value);
  }
  await citizen.goOn();
}

async function opinion(number, { login, task, sees, says }) {
  const expert = await Officer.come(DESK, login);
  await expert.openTask(number, [expert.words[task]]);
  await expert.reads(ADDRESS);
  const text = await expert.text();
  for (const word of [BUILDING, DRAWING]) {
    assert.equal(text.includes(word), sees.includes(word), `${login} and “${word}”:\n${text}`);
  }
  for (const word of [...SECRETS, OBJECTION]) assert.ok(!text.includes(word), `${login} needs no “${word}”:\n${text}`);
  await expert.decide(...says);
  await expert.leave();
}

async function inspected(number) {
  const inspector = await Officer.come(DESK, "site-inspector");
  await inspector.openTask(number, [inspector.words.inspect]);
  await inspector.reads(ADDRESS, BUILDING);
  await inspector.decide("matches");
  await inspector.leave();
}

async function decidedByTwo(number) {
  const first = await Officer.come(DESK, "chief-architect");
  await first.openTask(number, [first.words.judge]);
  await first.reads(OBJECTION);
  await first.decide("approve", { note: NOTE });
  await first.reads(first.words.proposed);
  await first.leave();
  const second = await Officer.come(DESK, "chief-engineer");
  await second.openTask(number, [second.words.judge]);
  await second.reads("Nigora Tursunova", NOTE);
  await second.click("main form[action^='/officer/second/'] button.govuk-button");
  await second.reads(second.words.decided);
  await second.look("agreed");
  await second.leave();
}

await journey("a director gets a permit after three opinions, an inspection and two officers, in uz-Cyrl at 360 px with scripts", permit);
await over();
