// A file over a bad line: the page's script goes on where it was cut off, also after the page was opened anew, and sends no part twice.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Citizen } from "./people.mjs";

const PART = 6 * 262144;
// Several parts, and no whole number of pieces.
const CONTENT = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.from(Array.from({ length: 3 * PART }, (_, at) => at % 251))]);

export async function cutOff(manner) {
  const citizen = await Citizen.come(manner, "cut-off");
  const { page } = citizen;
  const from = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH") from.push(Number(request.headers()["upload-offset"]));
  });
  try {
    await citizen.signIn("botir");
    await citizen.begin();
    await citizen.open(citizen.application("/pages/benefit"));
    await page.check("[name='benefit.kind'][value='disability']");
    await citizen.next();
    await page.fill("[name='benefit.certificate']", "TM 0012345");
    await citizen.click("button[name='_files']");
    await citizen.look("files");

    // A fault that waiting does not mend: the page is shown as it stands, and nothing is sent for ever.
    await page.route("**/uploads/*", (route) =>
      route.request().method() === "PATCH" && from.length > 1 ? route.fulfill({ status: 500 }) : route.continue());
    await choose(page);
    await page.locator(`[data-upload][data-size='${CONTENT.length}']`).waitFor();
    assert.deepEqual(from.splice(0), [0, PART], "what is refused is sent once");
    await page.unrouteAll({ behavior: "ignoreErrors" });

    await page.route("**/uploads/*", (route) =>
      route.request().method() === "PATCH" && from.length > 1 ? route.abort("connectionfailed") : route.continue());
    await choose(page);
    await page.waitForFunction(() => {
      const form = document.querySelector("form[data-uploads]");
      return form.querySelector("[role=status]").textContent === form.dataset.waiting;
    });
    await page.reload();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    citizen.complaints.splice(0);
    await page.locator(`[data-upload][data-size='${CONTENT.length}']`).waitFor();
    await citizen.look("files-unfinished");

    from.length = 0;
    await choose(page);
    await page.waitForFunction(() => !document.querySelector("[data-upload]") && document.querySelector("form[action$='/remove']"));
    assert.ok(from[0] >= PART, `it goes on where it was: ${from}`);
    assert.equal(new Set(from).size, from.length, `no part is sent twice: ${from}`);
    await citizen.until(page.url(), "Reja.pdf");
    await citizen.untilThere("main a[href*='/file/'][download]");
    const file = await citizen.download("main a[href*='/file/'][download]");
    assert.ok(readFileSync(file).equals(CONTENT), "it comes back as it was");
    await citizen.look("files-attached");
  } finally {
    await citizen.leave();
  }
}

async function choose(page) {
  await page.setInputFiles("#file", { name: "Reja.pdf", mimeType: "application/pdf", buffer: CONTENT });
  await page.click("form[data-uploads] button");
}
