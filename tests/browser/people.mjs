// What citizens and officers do, page after page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { freshCode } from "./totp.mjs";
import { Visitor } from "./visitor.mjs";
import { WORDS } from "./words.mjs";

const READY = JSON.parse(readFileSync(process.env.XIZMAT_READY, "utf8").split("\n")[0]);
const SERVICE = "/services/justice/marriage-certificate-copy";
export const PORTAL = READY.portal.replace(/\/$/, "");

export class Citizen extends Visitor {
  static async come(manner, name) {
    const visitor = await Visitor.arrive(manner, name);
    const citizen = Object.setPrototypeOf(visitor, Citizen.prototype);
    citizen.words = WORDS[manner.language];
    await citizen.open(`${PORTAL}/?lang=${manner.language}`);
    return citizen;
  }

  // From the home page over the life event to the service.
  async find() {
    await this.look("home");
    await this.click(`a[href^='/life-events/${this.words.lifeEvent}']`);
    await this.look("life-event");
    await this.click(`a[href='${SERVICE}']`);
    await this.reads(this.words.title, this.words.amount);
    await this.look("service");
  }

  async signIn(person, service = SERVICE) {
    await this.identify(person, service);
    assert.equal(this.path(), `${service}/start`);
    await this.look("start");
  }

  async identify(person, service) {
    await this.open(PORTAL + service);
    await this.click("a.govuk-button--start");
    await this.look("sign-in");
    await this.click("a[href*='oneid']");
    await this.look("oneid", { foreign: true });
    await this.click(`#${person}`);
  }

  async begin() {
    await this.next();
    await this.look("question-date");
  }

  // Whoever comes back is offered what they began.
  async comeBack() {
    const begun = this.path();
    await this.open(`${PORTAL}${SERVICE}/start`);
    await this.look("draft-offered");
    await this.next();
    await this.page.locator(".govuk-error-summary a[href='#choice']").waitFor();
    await this.look("draft-not-chosen");
    await this.page.check("#choice");
    await this.next();
    assert.equal(this.path().split("/")[4], begun.split("/")[4], "it is the same application");
  }

  async answerWithFacts() {
    if (!this.path().endsWith("/pages/date")) await this.open(this.application("/pages/date"));
    await this.reads(this.words.marriage, this.words.registry);
    assert.equal(await this.page.locator(".xz-fact").count(), 1, "the date is a fact");
    await this.next();
    await this.reads(this.words.office, this.words.registry);
    await this.look("question-office");
    await this.next();
    await this.nameUnchanged();
    await this.rest();
  }

  async answerWithoutFacts() {
    for (const [part, value] of [["day", "31"], ["month", "2"], ["year", "2012"]]) {
      await this.page.fill(`[name='_date:${part}:marriage.date']`, value);
    }
    await this.next();
    await this.hasError("marriage.date-day");
    assert.equal(await this.page.inputValue("[name='_date:day:marriage.date']"), "31", "the day is kept");
    await this.look("question-date-wrong");
    await this.page.fill("[name='_date:day:marriage.date']", "16");
    await this.page.fill("[name='_date:month:marriage.date']", "6");
    await this.next();
    await this.look("question-office");
    await this.page.selectOption("[name='marriage.office']", "tashkent-yunusabad");
    await this.next();
    await this.nameUnchanged();
    await this.rest();
  }

  async nameUnchanged() {
    await this.next();
    await this.hasError("formerName.changed");
    await this.look("question-name-missing");
    await this.page.check("[name='formerName.changed'][value='false']");
    await this.next();
  }

  async rest() {
    await this.look("question-reason");
    await this.page.check("[name='reason.kind'][value='lost']");
    await this.next();
    await this.look("question-benefit");
    await this.page.check("[name='benefit.kind'][value='none']");
    await this.next();
    await this.page.fill("[name='contact.phone']", "+99890");
    await this.next();
    await this.hasError("contact.phone");
    assert.equal(await this.page.inputValue("[name='contact.phone']"), "+99890", "what was typed is kept");
    await this.look("question-phone-wrong");
    await this.page.fill("[name='contact.phone']", "+998901112233");
    await this.next();
    assert.match(this.path(), /\/check$/);
    await this.look("check");
  }

  // A page with a list or with files has buttons before the one that goes on.
  async goOn() {
    await this.click("main form button.govuk-button[data-prevent-double-click]");
  }

  async hasError(id) {
    const link = this.page.locator(`.govuk-error-summary a[href='#${id}']`);
    await link.waitFor();
    await link.click();
    assert.equal(await this.page.evaluate(() => document.activeElement.id), id, "the link leads to the field");
  }

  async sendAndPay() {
    await this.next();
    return this.pay();
  }

  async pay() {
    assert.match(this.path(), /\/pay$/);
    await this.reads(this.words.amount);
    await this.look("pay");
    await this.next();
    if (this.page.url().startsWith(PORTAL)) {
      await this.look("leave");
      await this.click("main a.govuk-button");
    }
    await this.look("payme", { foreign: true });
    await this.click("button[value='pay']");
    assert.match(this.path(), /\/confirmation$/);
    assert.equal(await this.page.locator("main a[href$='/pay']").count(), 0, "who has paid is not asked to pay");
    await this.look("confirmation");
    return (await this.text(".govuk-panel__body strong")).trim();
  }

  application(rest = "") {
    return PORTAL + this.path().split("/").slice(0, 5).join("/") + rest;
  }

  async follow(words) {
    await this.until(this.application(), words);
  }

  async sealedDocument() {
    const file = await this.download("main a[href*='/documents/']");
    assert.equal(readFileSync(file).subarray(0, 5).toString(), "%PDF-");
    const signature = execFileSync("pdfsig", ["-nocert", file], { encoding: "utf8" });
    assert.match(signature, /Signature Validation: Signature is Valid\./);
    assert.match(signature, /Total document signed/);
    execFileSync("qpdf", ["--check", file]);
    return file;
  }

  async printed() {
    const text = await this.text();
    const [, number] = text.match(/(?:Raqami?|Рақами|Номер|Number)[^:]*: ?([^\s·]+)/);
    const [, code] = text.match(/(?:kodi?|коди|Код проверки|code): ?([^\s·]+)/i);
    return { number, code };
  }

  async verify({ number, code }, file) {
    await this.open(`${PORTAL}/verify`);
    await this.look("verify");
    await this.click("main form[action='/verify'] button");
    await this.page.locator(".govuk-error-summary a[href='#code']").waitFor();
    await this.look("verify-missing");
    await this.page.fill("#number", number);
    await this.page.fill("#code", code);
    await this.click("main form[action='/verify'] button");
    await this.reads(number);
    await this.look("verdict");
    const genuine = await this.text("h1");
    await this.open(`${PORTAL}/verify`);
    await this.page.setInputFiles("#file", { name: "document.pdf", mimeType: "application/pdf", buffer: readFileSync(file) });
    await this.click("main form[action='/verify/file'] button");
    await this.reads(number);
    assert.equal(await this.text("h1"), genuine, "the file says what the code says");
    await this.look("verdict-file");
  }
}

export class Officer extends Visitor {
  static async come(manner, login) {
    const visitor = await Visitor.arrive(manner, login);
    const officer = Object.setPrototypeOf(visitor, Officer.prototype);
    officer.words = WORDS[manner.language];
    const account = READY.accounts.find((one) => one.login === login);
    await officer.open(`${PORTAL}/officer?lang=${manner.language}`);
    await officer.look("sign-in");
    await officer.page.fill("#login", account.login);
    await officer.page.fill("#password", account.password);
    await officer.next();
    await officer.look("code");
    await officer.page.fill("#code", await freshCode(account.totp_secret));
    await officer.next();
    assert.equal(officer.path(), "/officer");
    return officer;
  }

  async openTask(number, words = [this.words.task, this.words.office]) {
    await this.until(`${PORTAL}/officer`, number);
    await this.reads(...words);
    await this.look("queue");
    await this.page.locator("main table a", { hasText: number }).click();
    await this.reads(...words, number);
    await this.look("case");
  }

  async decide(outcome, { reason, note } = {}) {
    if (note) await this.page.fill("#note", note);
    // A ticked reason says what it is a reason for.
    await this.page.check(reason ? `#reason-${outcome}-${reason}` : `#outcome-${outcome}`);
    await this.next();
    assert.equal(this.path(), "/officer");
    await this.look("decided");
  }

  async approve() {
    await this.next();
    await this.page.locator(".govuk-error-summary a").first().waitFor();
    await this.look("nothing-decided");
    await this.decide("approve");
  }

  async refuse(note) {
    await this.page.check("#outcome-refuse");
    await this.next();
    await this.page.locator(".govuk-error-summary a").first().waitFor();
    await this.look("reason-missing");
    // Anew, and in two clicks.
    await this.open(this.page.url());
    await this.decide("refuse", { reason: "no-record", note });
  }
}
