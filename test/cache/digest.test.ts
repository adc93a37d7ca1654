import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha1Hex, sha256Hex } from "../../src/cache/digest.ts";

// Around the border of a block, where the padding needs another; and letters of one to four bytes.
const texts = [
  ...Array.from({ length: 200 }, (_, length) => "a".repeat(length)),
  "ä".repeat(63),
  "\u{1f511}\u0000\u007f\uffff",
  "x".repeat(100_000),
];

describe.each([
  { name: "sha1", digest: sha1Hex },
  { name: "sha256", digest: sha256Hex },
])("$name", ({ name, digest }) => {
  it("is what node:crypto says", () => {
    expect(texts.map(digest)).toEqual(texts.map((text) => createHash(name).update(text).digest("hex")));
  });
});
