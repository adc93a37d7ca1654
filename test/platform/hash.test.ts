import { expect, it } from "vitest";
import { sha1Hex, sha256Hex } from "../../src/platform/hash.ts";

it("hashes the UTF-8 encoding of a text", () => {
  expect([sha1Hex("ä"), sha256Hex("ä")]).toEqual([
    "961fa22f61a56e19f3f5f8867901ac8cf5e6d11f",
    "33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc",
  ]);
});
