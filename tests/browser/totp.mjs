// The officer's authenticator: RFC 6238 with a secret in base32, thirty seconds, six digits.
import { createHmac } from "node:crypto";
import { now } from "./clock.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;
// The last step of each secret that a code was made for.
const used = new Map();

function decoded(secret) {
  const bits = [...secret.replace(/=+$/, "")].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export function code(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", decoded(secret)).update(counter).digest();
  const from = hash[hash.length - 1] & 0xf;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// A code counts once: who has just used one waits for the next.
export async function freshCode(secret) {
  const last = used.get(secret) ?? 0;
  let step = Math.floor(now() / STEP_MS);
  if (step <= last) {
    await new Promise((done) => setTimeout(done, (last + 1) * STEP_MS - now() + 200));
    step = Math.floor(now() / STEP_MS);
  }
  used.set(secret, step);
  return code(secret, step);
}
