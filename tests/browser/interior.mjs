// The other examples, each in a language of its own on a phone: a certificate that nobody decides on, and a residence to which a second
// citizen agrees.
import assert from "node:assert/strict";
import { Citizen, Officer, PORTAL } from "./people.mjs";

const CLEAN = "/services/interior/no-criminal-record";
const RESIDENCE = "/services/interior/residence-registration";
// Dilnoza's, as OneID's counterpart knows her.
const OWNER = "41503920170217";
// One of his children, as the archive knows them.
const KNOWN_CHILD = "Aliyeva Zarina Botirovna 09.04.2015";
const NAME = "Aliyev Botir Shavkatovich";
const CHILDREN = [
  { name: "Aliyeva Zarina Botirovna", day: "9", month: "2", year: "2019" },
  { name: "Aliyev Temur Botirovich", day: "30", month: "11", year: "2021" },
];

export async function noRecord(manner) {
  const citizen = await Citizen.come(manner, "no-record");
  try {
    await found(citizen, "work", CLEAN);
    await citizen.signIn("botir", CLEAN);
    await citizen.next();
    await citizen.look("question-use");
    await citizen.next();
    await citizen.hasError("use.kind");
    await citizen.look("question-use-missing");
    await citizen.page.check("[name='use.kind'][value='work']");
    await citizen.next();
    // The archive knows of no other name: the question is put, and nothing is an answer to it.
    await citizen.page.locator("[name='formerName.name']").waitFor();
    await citizen.look("question-former-name");
    await citizen.next();
    assert.match(citizen.path(), /\/check$/);
    await citizen.look("check");
    await sent(citizen);
    await citizen.follow(citizen.words.granted);
    await citizen.look("decision");
    await citizen.sealedDocument();
    await citizen.until(`${PORTAL}/inbox`, citizen.words.messageGranted);
    await citizen.look("inbox");
    await citizen.open(`${PORTAL}/data-use`);
    await citizen.reads(citizen.words.purpose);
    await citizen.look("data-use");
  } finally {
    await citizen.leave();
  }
}

export async function residence(manner) {
  const citizen = await Citizen.come(manner, "residence");
  const owner = await Citizen.come(manner, "owner");
  const officer = await Officer.come(manner, "migration-nukus");
  try {
    await found(citizen, "housing", RESIDENCE);
    await citizen.signIn("botir", RESIDENCE);
    await citizen.next();
    await answered(citizen);
    const number = await sent(citizen);
    await citizen.follow(citizen.words.ownerAwaited);
    await citizen.look("owner-awaited");
    await owner.signIn("dilnoza", RESIDENCE);
    await agreed(owner, citizen.path().split("/")[4]);
    await officer.openTask(number);
    await officer.reads(NAME, ...CHILDREN.map((child) => child.name));
    await officer.approve();
    await citizen.follow(citizen.words.granted);
    await citizen.look("decision");
    await citizen.sealedDocument();
  } finally {
    for (const person of [citizen, owner, officer]) await person.leave();
  }
}

// From the home page over the life event to the service.
async function found(citizen, lifeEvent, service) {
  await citizen.look("home");
  await citizen.click(`a[href^='/life-events/${lifeEvent}']`);
  await citizen.look("life-event");
  await citizen.click(`a[href='${service}']`);
  await citizen.reads(citizen.words.title);
  await citizen.look("service");
}

async function answered(citizen) {
  const page = citizen.page;
  await citizen.look("question-address");
  await citizen.goOn();
  await citizen.hasError("address.soato");
  await citizen.look("question-address-missing");
  await page.selectOption("[name='address.soato']", "1735401");
  await page.fill("[name='address.street']", "Berdaq");
  await page.fill("[name='address.house']", "12");
  await citizen.goOn();
  await page.fill("[name='owner.pinfl']", "4150392");
  await citizen.goOn();
  await citizen.hasError("owner.pinfl");
  await citizen.look("question-owner-wrong");
  await page.fill("[name='owner.pinfl']", OWNER);
  await citizen.goOn();
  await citizen.look("question-name");
  await page.fill("[name='resident.name']", NAME);
  await citizen.goOn();
  await citizen.look("question-with-children");
  await page.check("[name='household.children'][value='true']");
  await citizen.goOn();
  // Those who moved with him are others.
  await citizen.reads(KNOWN_CHILD);
  await citizen.look("question-known-child");
  await citizen.goOn();
  await children(citizen);
  await citizen.look("question-contact");
  await page.fill("[name='contact.phone']", "+998901112244");
  await citizen.goOn();
  assert.match(citizen.path(), /\/check$/);
  await citizen.reads(NAME, ...CHILDREN.map((child) => child.name));
  await citizen.look("check");
}

// One after the other: the button brings up the next.
async function children(citizen) {
  for (const [index, child] of CHILDREN.entries()) {
    if (index > 0) await citizen.click("button[name='_add']");
    await citizen.page.fill(`[name='children.${index}.name']`, child.name);
    for (const part of ["day", "month", "year"]) {
      await citizen.page.fill(`[name='_date:${part}:children.${index}.birthDate']`, child[part]);
    }
    await citizen.look(`question-child-${index + 1}`);
  }
  await citizen.goOn();
}

async function sent(citizen) {
  await citizen.next();
  assert.match(citizen.path(), /\/confirmation$/);
  await citizen.look("confirmation");
  return (await citizen.text(".govuk-panel__body strong")).trim();
}

// The owner reads what they agree to, looks at how they would decline, and agrees.
async function agreed(owner, application) {
  const request = `${PORTAL}/asked/interior/residence-registration/${application}`;
  await owner.until(request, owner.words.answerAwaited);
  await owner.reads(NAME, ...CHILDREN.map((child) => child.name));
  await owner.look("asked");
  await owner.click("main a[href$='/decline']");
  await owner.look("decline");
  await owner.open(request);
  await owner.click("main a[href$='/pages/term']");
  await owner.look("question-term");
  await owner.goOn();
  await owner.hasError("consent.kind");
  await owner.look("question-term-missing");
  await owner.page.check("[name='consent.kind'][value='permanent']");
  await owner.goOn();
  assert.match(owner.path(), /\/check$/);
  await owner.look("check");
  await owner.next();
  await owner.reads(owner.words.agreed);
  await owner.look("agreed");
  await owner.until(`${PORTAL}/inbox`, owner.words.messageAsked);
  await owner.look("inbox");
}
