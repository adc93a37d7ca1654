import { createHmac } from "node:crypto";

const stepSeconds = 30;

/** The time step (RFC 6238) that contains a time. */
export function timeStep(milliseconds: number): number {
  return Math.floor(milliseconds / 1000 / stepSeconds);
}

/** The six digits that a device with this Base32 seed shows in a time step. */
export function totpCode(seed: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", decodeBase32(seed)).update(counter).digest();
  const offset = (digest[digest.length - 1] ?? 0) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function decodeBase32(text: string): Buffer {
  const bits = Array.from(text.toUpperCase().replace(/=+$/, ""), (character) => {
    const value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character);
    if (value < 0) throw new Error("A TOTP seed must be Base32.");
    return value.toString(2).padStart(5, "0");
  }).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
