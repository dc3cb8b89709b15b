// A person at a browser: every page they see is judged (structure, width, axe) and photographed.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { chromium } from "playwright-core";

const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// What pages say of their language where that is not the tag of their addresses: Uzbek has two scripts.
const LANG = { uz: "uz-Latn" };
const SHOTS = process.env.XIZMAT_SCREENSHOTS;

// What is wrong with pages that were seen; a walk goes on, so that all of it is found at once.
export const faults = [];

rmSync(SHOTS, { recursive: true, force: true });
mkdirSync(SHOTS, { recursive: true });

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

// Pages that a browser without scripts was shown are judged in one with scripts, where only the judge's run.
const judges = await browser.newContext();

export class Visitor {
  constructor(context, manner, name) {
    Object.assign(this, { context, manner, name, shots: 0, complaints: [] });
  }

  static async arrive(manner, name) {
    const { language, scripts, width } = manner;
    const context = await browser.newContext({
      javaScriptEnabled: scripts, locale: language, viewport: { width, height: 800 }, timezoneId: "Asia/Tashkent",
    });
    const visitor = new Visitor(context, manner, name);
    visitor.page = await context.newPage();
    visitor.page.setDefaultTimeout(15_000);
    visitor.page.on("console", (message) => {
      if (message.type() === "error") visitor.complaints.push(`${visitor.page.url()}: ${message.text()}`);
    });
    visitor.page.on("pageerror", (error) => visitor.complaints.push(`${visitor.page.url()}: ${error}`));
    visitor.page.on("response", (response) => {
      if (response.status() >= 400) visitor.complaints.push(`${response.status()} ${response.url()}`);
      const itself = response.frame() === visitor.page.mainFrame() && response.request().isNavigationRequest();
      if (itself) visitor.status = response.status();
    });
    return visitor;
  }

  async open(address) {
    await this.page.goto(address);
  }

  async click(selector) {
    await this.page.locator(selector).first().click();
    await this.page.waitForLoadState("load");
  }

  async next() {
    await this.click("main form:not([role=search]) button.govuk-button");
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  async text(selector = "main") {
    return (await this.page.locator(selector).first().innerText()).replace(/[\u00a0\u202f]/g, " ");
  }

  async reads(...words) {
    const text = await this.text();
    for (const word of words) assert.ok(text.includes(word), `“${word}” is not on ${this.page.url()}:\n${text}`);
  }

  // Opens the page again and again until it says so: what the platform does by itself takes a moment. `words` may be a rule for the
  // text; `first` is what is done on the page before it is read.
  async until(address, words, first = async () => {}) {
    const said = typeof words === "function" ? words : (text) => text.includes(words);
    for (let look = 0; look < 200; look += 1) {
      await this.open(address);
      await first();
      if (said(await this.text())) return;
      await new Promise((done) => setTimeout(done, 300));
    }
    assert.fail(`“${words}” does not come on ${this.page.url()}:\n${await this.text()}`);
  }

  // The same of something on the page that is open.
  async untilThere(selector) {
    for (let look = 0; look < 200; look += 1) {
      if (await this.page.locator(selector).count() > 0) return;
      await new Promise((done) => setTimeout(done, 300));
      await this.page.reload();
    }
    assert.fail(`${selector} does not come on ${this.page.url()}:\n${await this.text()}`);
  }

  // `foreign`: a page of an outside party, which has its own language and looks.
  async look(what, { foreign = false } = {}) {
    this.shots += 1;
    const number = String(this.shots).padStart(2, "0");
    const file = `${SHOTS}/${this.manner.language}-${this.manner.width}-${this.name}-${number}-${what}.png`;
    await this.page.screenshot({ path: file, fullPage: true, animations: "disabled" });
    const complaints = this.complaints.splice(0);
    const wrong = foreign ? [] : [...complaints, ...await this.asOurs()];
    wrong.push(...await this.accessible());
    faults.push(...wrong.map((one) => `${this.name} ${number} ${what} (${this.page.url()}): ${one}`));
  }

  async asOurs() {
    const page = this.page;
    const found = [];
    const language = await page.locator("html").getAttribute("lang");
    if (language !== (LANG[this.manner.language] ?? this.manner.language)) found.push(`its language is ${language}`);
    const headings = await page.locator("h1").count();
    if (headings !== 1) found.push(`it has ${headings} headings of the first level`);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    if (wide > room) found.push(`it is ${wide} px wide where there are ${room}`);
    const code = (await this.text("body")).match(/\b(null|undefined|None)\b|\{ ?\$|\{\{|\b[a-z]+(-[a-z]+)*\/[a-z]+(-[a-z]+)+\b/);
    if (code) found.push(`it shows “${code[0]}”, which only a program reads`);
    return found;
  }

  accessible() {
    return this.manner.scripts ? violations(this.page) : this.judged();
  }

  async judged() {
    const [address, body] = [this.page.url(), await this.page.content()];
    const page = await judges.newPage();
    try {
      await page.setViewportSize({ width: this.manner.width, height: 800 });
      await page.route(/\.js(\?|$)/, (route) => route.abort());
      await page.route(address.split("#")[0], (route) =>
        route.fulfill({ body, contentType: "text/html; charset=utf-8" }));
      await page.goto(address);
      return await violations(page);
    } finally {
      await page.close();
    }
  }

  async download(selector) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.page.locator(selector).first().click()]);
    return download.path();
  }

  async leave() {
    await this.context.close();
  }
}

async function violations(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate((values) =>
    globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), RULES);
  return result.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ").slice(0, 600)}`);
}

// What a first visit costs, and the same once more: requests, and bytes as they came over the wire.
export async function twoViews(address, manner) {
  const context = await browser.newContext({ locale: manner.language, viewport: { width: manner.width, height: 800 } });
  try {
    return [await view(context, address), await view(context, address)];
  } finally {
    await context.close();
  }
}

async function view(context, address) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const [asked, kept, bytes] = [new Set(), new Set(), new Map()];
  session.on("Network.requestServedFromCache", ({ requestId }) => kept.add(requestId));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.url.startsWith("http")) asked.add(requestId);
    if (response.fromDiskCache) kept.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));
  await page.goto(address, { waitUntil: "networkidle" });
  await page.close();
  const paid = [...asked].filter((request) => !kept.has(request));
  return { requests: paid.length, bytes: paid.reduce((sum, request) => sum + (bytes.get(request) ?? 0), 0) };
}
