import { describe, expect, it } from "vitest";
import { RoleError } from "../../src/protocol/errors.ts";
import { escapeForTerminal } from "../../src/protocol/terminal.ts";

describe(escapeForTerminal, () => {
  it.each([
    ["controls", "\u0000\u0007\u001b\u007f\u0085\u009b", "\\u0000\\u0007\\u001b\\u007f\\u0085\\u009b"],
    ["line breaks", "a\r\nb\u2028c\u2029d", "a\\u000d\\u000ab\\u2028c\\u2029d"],
    ["characters that reorder text", "\u061c\u200e\u202e\u2066\u2069", "\\u061c\\u200e\\u202e\\u2066\\u2069"],
    [
      "characters without width",
      "\u00ad\u034f\u180e\u200b\u200d\u2060\ufeff",
      "\\u00ad\\u034f\\u180e\\u200b\\u200d\\u2060\\ufeff",
    ],
    ["blank letters", "\u115f\u1160\u3164\uffa0", "\\u115f\\u1160\\u3164\\uffa0"],
    ["variation selectors", "a\ufe0f", "a\\ufe0f"],
    ["tags, which hide text in text", "\u{e0041}\u{e007f}", "\\udb40\\udc41\\udb40\\udc7f"],
    ["visible text unchanged", "Zoë, 東京, עברית, 🔑 & <b>", "Zoë, 東京, עברית, 🔑 & <b>"],
  ])("shows %s", (_, text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
    expect(new RoleError("InternalError", text).message).toBe(shown);
  });
});
