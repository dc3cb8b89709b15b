// Appointed officers set up their accounts by the addresses they were handed, and the stewards approve every grant that waits.
// officers.mjs PORTAL < "login role agency invitation" lines; prints what the journeys read: portal and accounts, in one line.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chromium } from "../browser/node_modules/playwright-core/index.mjs";
import { code } from "../browser/totp.mjs";

const STEP_MS = 30_000;
const portal = process.argv[2];
const accounts = [];
const used = new Map();

// A code counts once.
async function fresh(secret) {
  const now = () => Math.floor(Date.now() / STEP_MS);
  const last = used.get(secret) ?? 0;
  if (now() <= last) await new Promise((done) => setTimeout(done, (last + 1) * STEP_MS - Date.now() + 200));
  used.set(secret, now());
  return code(secret, now());
}

async function setUp(page, line) {
  const [login, role, agency, invitation] = line.split(" ");
  const password = randomBytes(12).toString("base64url");
  await page.goto(invitation);
  const secret = (await page.locator(".govuk-inset-text code").innerText()).replaceAll(/\s/g, "");
  await page.fill("#password", password);
  await page.fill("#code", await fresh(secret));
  await page.locator("main form button").click();
  await page.waitForLoadState("load");
  assert.equal(await page.locator("#password").count(), 0, `${login} is set up:\n${await page.locator("main").innerText()}`);
  accounts.push({ login, password, totp_secret: secret, role, agency });
}

async function approveAll(browser, account) {
  const page = await (await browser.newContext({ locale: "en" })).newPage();
  await page.goto(`${portal}/officer?lang=en`);
  await page.fill("#login", account.login);
  await page.fill("#password", account.password);
  await page.locator("main form button").click();
  await page.fill("#code", await fresh(account.totp_secret));
  await page.locator("main form button").click();
  await page.waitForURL(`${portal}/officer`);
  const waiting = "form[action='/officer/grants'] button";
  for (let look = 0; look < 100; look += 1) {
    await page.goto(`${portal}/officer/grants`);
    if (await page.locator(waiting).count()) {
      await page.locator(waiting).first().click();
      await page.waitForLoadState("load");
    } else if (await page.locator(".govuk-tag--green").count()) {
      return;
    }
  }
  assert.fail(`${account.login} finds no grant to approve:\n${await page.locator("main").innerText()}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const context = await browser.newContext({ locale: "en" });
  await setUp(await context.newPage(), line);
  await context.close();
}
for (const account of accounts.filter((one) => one.role === "grant-approver")) await approveAll(browser, account);
await browser.close();
// The codes that were used here are used.
await new Promise((done) => setTimeout(done, STEP_MS - (Date.now() % STEP_MS) + 200));
console.log(JSON.stringify({ portal, health: "", nats: "", accounts }));
