// One journey after another: each is told with the faults of the pages it passed, and in the end how many there were.
import assert from "node:assert/strict";
import { browser, faults } from "./visitor.mjs";

const begun = Date.now();
const count = { passed: 0, failed: 0 };

export async function journey(name, walk) {
  const from = Date.now();
  try {
    await walk();
    assert.equal(faults.length, 0, "Pages have faults");
    count.passed += 1;
    console.log(`ok      ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
  } catch (error) {
    count.failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
    for (const fault of faults.splice(0)) console.log(`  ${fault}`);
  }
}

export async function over() {
  await browser.close();
  console.log(`${count.passed} passed, ${count.failed} failed (${Math.round((Date.now() - begun) / 1000)} s)`);
  process.exitCode = count.failed > 0 ? 1 : 0;
}
