import { describe, expect, it } from "vitest";
import { quoteArgument } from "../../src/protocol/quote-argument.ts";

describe(quoteArgument, () => {
  it.each([
    ["prod", "prod"],
    ["arn:aws:iam::123456789012:role/a+b=c,d@e", "'arn:aws:iam::123456789012:role/a+b=c,d@e'"],
    ["ops/prod-1.eu_west", "ops/prod-1.eu_west"],
    ["my keys", "'my keys'"],
    ["jo's", "'jo''s'"],
    ["a\u2019b\u2018", "'a\u2019\u2019b\u2018\u2018'"],
    ["-All", "'-All'"],
    ["@list", "'@list'"],
    ["$(calc)", "'$(calc)'"],
    ["", "''"],
  ])("writes %j as %s", (text, written) => {
    expect(quoteArgument(text)).toBe(written);
  });
});
