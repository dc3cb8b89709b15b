// The platform's civil time: ours, or, where it rehearses, as far ahead as somebody put it (`beside.sh` with XIZMAT_REHEARSAL=1).
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const FOLDER = process.env.XIZMAT_DATA_FOLDER;
const FILE = `${FOLDER}/run/clock-shift`;

function ahead() {
  try {
    return Number(readFileSync(FILE, "utf8").trim());
  } catch {
    return 0;
  }
}

export function now() {
  return Date.now() + ahead() * 1000;
}

export async function advance(seconds) {
  writeFileSync(`${FILE}.new`, `${ahead() + seconds}\n`);
  renameSync(`${FILE}.new`, FILE);
  // Each process looks five times a second.
  await new Promise((done) => setTimeout(done, 400));
}
