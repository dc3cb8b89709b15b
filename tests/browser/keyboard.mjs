// The citizen's and the officer's journey without a mouse: everything is reached with Tab, and shows that it is reached.
import assert from "node:assert/strict";
import { Citizen, PORTAL } from "./people.mjs";
import { faults } from "./visitor.mjs";

const SERVICE = "/services/justice/marriage-certificate-copy";
// The longest page has fewer places to stop at.
const STOPS_MAX = 80;

// Where the focus is, and whether a person sees that: on the element, or on the label that is drawn in its place.
async function focus(page, selector) {
  return page.evaluate((wanted) => {
    const at = document.activeElement;
    const drawn = [getComputedStyle(at), at.nextElementSibling && getComputedStyle(at.nextElementSibling, "::before")];
    const shows = (style) => style && (style.boxShadow !== "none" || (style.outlineStyle !== "none" && style.outlineWidth !== "0px"));
    return { there: at.matches(wanted), seen: at === document.body || drawn.some(shows), at: at.outerHTML.slice(0, 160) };
  }, selector);
}

class Keyboard {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
  }

  async reach(selector) {
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      await this.page.keyboard.press("Tab");
      const { there, seen, at } = await focus(this.page, selector);
      if (!seen) faults.push(`nobody sees that it has the focus: ${at} (${this.page.url()})`);
      if (there) return;
    }
    assert.fail(`${selector} cannot be reached on ${this.page.url()}`);
  }

  async follow(selector) {
    await this.reach(selector);
    await this.enter();
  }

  async enter() {
    await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press("Enter")]);
  }

  async next() {
    await this.follow("main form:not([role=search]) button.govuk-button");
  }

  async choose(name, value) {
    await this.reach(`[type=radio][name='${name}']`);
    await this.page.keyboard.press("Space");
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      if (await this.page.locator(`[name='${name}'][value='${value}']`).isChecked()) return;
      await this.page.keyboard.press("ArrowDown");
    }
    assert.fail(`${name} cannot be answered with ${value} on ${this.page.url()}`);
  }

  async type(selector, text) {
    await this.reach(selector);
    await this.page.keyboard.type(text);
  }
}

export async function withoutAMouse(manner, officer) {
  const citizen = await Citizen.come(manner, "keyboard");
  try {
    const keys = new Keyboard(citizen);
    await citizen.open(PORTAL + "/");
    await keys.follow(`a[href^='/life-events/${citizen.words.lifeEvent}']`);
    await keys.follow(`a[href='${SERVICE}']`);
    await keys.follow("a.govuk-button--start");
    await keys.follow("a[href*='oneid']");
    // Another's page.
    await citizen.click("#dilnoza");
    await keys.next();
    await keys.next();
    await keys.next();
    await keys.choose("formerName.changed", "false");
    await keys.next();
    await keys.choose("reason.kind", "damaged");
    await keys.next();
    await keys.choose("benefit.kind", "disability");
    await keys.next();
    // The choice brought up what belongs to it.
    await keys.type("[name='benefit.certificate']", "TM 0012345");
    // A page with files has other buttons, too: Enter in a field goes on.
    await keys.enter();
    await keys.type("[name='contact.phone']", "+998901112233");
    await keys.next();
    assert.match(citizen.path(), /\/check$/);
    await keys.next();
    await citizen.page.waitForURL(/\/confirmation$/);
    const number = (await citizen.text(".govuk-panel__body strong")).trim();
    await decided(await officer(), number);
    await citizen.follow(citizen.words.granted);
  } finally {
    await citizen.leave();
  }
}

async function decided(officer, number) {
  const keys = new Keyboard(officer);
  await officer.until(`${PORTAL}/officer`, number);
  const link = officer.page.locator("main table a", { hasText: number });
  await keys.follow(`main table a[href='${await link.getAttribute("href")}']`);
  await keys.choose("_outcome", "approve");
  await keys.next();
  assert.equal(officer.path(), "/officer");
}
