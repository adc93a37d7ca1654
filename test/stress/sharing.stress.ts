import { describe, expect, it } from "vitest";
import { amount, figure, randomFrom, seed } from "./amount.ts";
import { type Choice, cacheKeyOf, dimensions } from "./request-choices.ts";

const names = Object.keys(dimensions);
const firsts = names.map((name) => dimensions[name]?.[0] ?? {});

describe("requests never share a cache entry", () => {
  it("when they differ in one thing", () => {
    const found = new Map<string, string>();
    for (const [index, name] of names.entries()) {
      for (const [number, choice] of (dimensions[name] ?? []).entries()) {
        if (number === 0 && index > 0) continue;
        const what = `${name} ${JSON.stringify(choice)}`;
        const key = cacheKeyOf(firsts.with(index, choice));
        expect(key).toMatch(/^[0-9a-f]{64}$/);
        expect([what, found.get(key)]).toEqual([what, undefined]);
        found.set(key, what);
      }
    }
    expect(found.size).toBeGreaterThan(70);
    figure("sharing: requests that differ in one thing, entries shared", `${found.size}, 0`);
  });

  it(`when they differ in any combination (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const found = new Map<string, string>();
    for (let count = 0; count < amount(3_000, 100_000); count++) {
      const picks = names.map((name) => Math.floor(random() * (dimensions[name]?.length ?? 0)));
      const what = picks.join();
      const choices = picks.map((pick, index): Choice => dimensions[names[index] ?? ""]?.[pick] ?? {});
      const key = cacheKeyOf(choices);
      expect(found.get(key) ?? what).toBe(what);
      found.set(key, what);
    }
    figure("sharing: random different requests, entries shared", `${new Set(found.values()).size}, 0`);
  });

  it("unless they are the same request", () => {
    expect(cacheKeyOf(firsts)).toBe(cacheKeyOf(firsts));
  });
});
