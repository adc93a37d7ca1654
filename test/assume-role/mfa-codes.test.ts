import { describe, expect, it } from "vitest";
import { createMfaCodes } from "../../src/assume-role/mfa-codes.ts";
import { codeOf, errorOf, textsOf } from "../credentials/fixtures.ts";

const phone = "arn:aws:iam::111111111111:mfa/phone";
const card = "arn:aws:iam::111111111111:mfa/card";

describe(createMfaCodes, () => {
  it("gives the first code to the first device that asks, and only once", async () => {
    const mfaCodes = createMfaCodes("111111", {});
    expect(mfaCodes.take(card, "hop one", "prod")).toBe("111111");
    expect(await codeOf(() => mfaCodes.take(card, "hop one", "prod"))).toBe("MfaRequired");
    expect(await codeOf(() => mfaCodes.take(phone, "hop two", "prod"))).toBe("MfaRequired");
  });

  it("gives a device its own code and keeps the first code for another device", () => {
    const mfaCodes = createMfaCodes("111111", { [phone]: "222222" });
    expect(mfaCodes.take(phone, "hop one", "prod")).toBe("222222");
    expect(mfaCodes.take(card, "hop two", "prod")).toBe("111111");
  });

  it("gives a device its own code once, then the first code", () => {
    const mfaCodes = createMfaCodes("111111", { [phone]: "222222" });
    expect([mfaCodes.take(phone, "a", "p"), mfaCodes.take(phone, "b", "p")]).toEqual(["222222", "111111"]);
  });

  it("does not give one device's code to another", async () => {
    const mfaCodes = createMfaCodes(undefined, { [phone]: "222222" });
    expect(await codeOf(() => mfaCodes.take(card, "hop", "prod"))).toBe("MfaRequired");
  });

  it.each([
    [undefined, {}, false],
    ["111111", {}, true],
    [undefined, { [phone]: "222222" }, true],
  ])("reports whether any code is left: %j %j", (first, bySerial, any) => {
    expect(createMfaCodes(first, bySerial).any).toBe(any);
  });

  it.each([
    ["12345", {}],
    [undefined, { [phone]: "98765x" }],
    ["", {}],
  ])("rejects an invalid code without showing it: %j %j", async (first, bySerial) => {
    const error = await errorOf(() => createMfaCodes(first, bySerial));
    expect(error.code).toBe("TokenCodeInvalid");
    expect(textsOf(error)).not.toMatch(/12345|98765/);
  });

  it("supports devices named like members of Object.prototype", () => {
    const bySerial = JSON.parse('{"__proto__":"333333","constructor":"444444"}') as Record<string, string>;
    const mfaCodes = createMfaCodes(undefined, bySerial);
    expect(mfaCodes.take("__proto__", "hop", "p")).toBe("333333");
    expect(mfaCodes.take("constructor", "hop", "p")).toBe("444444");
    expect(() => mfaCodes.take("toString", "hop", "p")).toThrow();
  });
});
