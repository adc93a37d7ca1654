import { describe, expect, it } from "vitest";
import { editProfile, removeProfileSections } from "../../src/profiles/edit.ts";
import type { FileKind } from "../../src/profiles/section.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import { randomFrom } from "../stress/amount.ts";

function file(text: string, kind: FileKind = "config"): SharedFile {
  return new SharedFile(kind, Buffer.from(text), kind);
}

function edit(text: string, name: string, edits: Record<string, string | null>, kind: FileKind = "config"): string {
  return editProfile(file(text, kind), name, new Map(Object.entries(edits))).toString();
}

function remove(text: string, name: string, kind: FileKind = "config"): string {
  return removeProfileSections(file(text, kind), name).toString();
}

describe(editProfile.name, () => {
  it.each<[fact: string, before: string, edits: Record<string, string | null>, after: string]>([
    ["replaces a value", "[default]\nregion = a\noutput = b\n", { region: "x" }, "[default]\nregion = x\noutput = b\n"],
    ["keeps the spaces around =", "[default]\nregion  =\t a \n", { region: "x" }, "[default]\nregion  =\t x \n"],
    ["keeps = without spaces", "[default]\nregion=a\n", { region: "x" }, "[default]\nregion=x\n"],
    ["keeps the spelling of a key", "[default]\nReGion = a\n", { region: "x" }, "[default]\nReGion = x\n"],
    [
      "keeps CRLF",
      "[default]\r\nregion = a\r\n",
      { region: "x", output: "y" },
      "[default]\r\nregion = x\r\noutput = y\r\n",
    ],
    ["keeps a byte order mark", "\ufeff[default]\nregion = a\n", { region: "x" }, "\ufeff[default]\nregion = x\n"],
    ["keeps the end without a line break", "[default]\nregion = a", { region: "x" }, "[default]\nregion = x"],
    [
      "adds to the end without a line break",
      "[default]\nregion = a",
      { output: "x" },
      "[default]\nregion = a\noutput = x",
    ],
    ["adds to a header without a line break", "[default]", { region: "x" }, "[default]\nregion = x"],
    ["adds to a header", "[default]\n\n[profile b]\n", { region: "x" }, "[default]\nregion = x\n\n[profile b]\n"],
    [
      "adds before the comments of the next section",
      "[default]\nregion = a\n\n# b\n[profile b]\n",
      { output: "x" },
      "[default]\nregion = a\noutput = x\n\n# b\n[profile b]\n",
    ],
    [
      "adds after a nested map with its comments",
      "[default]\ns3 =\n  a = b\n# c\n  d = e\n  # f\n# g\n",
      { region: "x" },
      "[default]\ns3 =\n  a = b\n# c\n  d = e\n  # f\nregion = x\n# g\n",
    ],
    [
      "replaces an empty value",
      "[default]\nregion =\noutput=\n",
      { region: "x", output: "y" },
      "[default]\nregion = x\noutput=y\n",
    ],
    [
      "replaces an empty value and the spaces after it",
      "[default]\nregion = \t\n",
      { region: "x" },
      "[default]\nregion = x\n",
    ],
    ["removes a key", "[default]\nregion = a\noutput = b\n", { region: null }, "[default]\noutput = b\n"],
    [
      "removes the last key without a line break",
      "[default]\nregion = a\noutput = b",
      { output: null },
      "[default]\nregion = a\n",
    ],
    ["ignores the removal of a missing key", "[default]\nregion = a\n", { output: null }, "[default]\nregion = a\n"],
    [
      "ignores the removal of a key from a missing profile",
      "[default]\nregion = a",
      { output: null },
      "[default]\nregion = a",
    ],
    [
      "replaces the continuation lines with the value",
      "[default]\nregion = a\n  b\n# c\n  d\noutput = e\n",
      { region: "x" },
      "[default]\nregion = x\n# c\noutput = e\n",
    ],
    [
      "removes the continuation lines with the key",
      "[default]\nregion =\n  b = c\n\n  d = e\noutput = e\n",
      { region: null },
      "[default]\n\noutput = e\n",
    ],
    [
      "removes the indentation of a comment, which some tools read as part of the value",
      "[default]\noutput = b\nregion = a\n  # c\n",
      { region: null },
      "[default]\noutput = b\n# c\n",
    ],
    [
      "moves a comment after the value to the line above",
      "[default]\r\nregion = a # home; really\r\noutput = b ;c\r\n",
      { region: "x" },
      "[default]\r\n# home; really\r\nregion = x\r\noutput = b ;c\r\n",
    ],
    [
      "moves a comment after an empty value to the line above",
      "[default]\nregion = # none yet",
      { region: "x" },
      "[default]\n# none yet\nregion = x",
    ],
    ["removes the comment after a removed key", "[default]\nregion = a # home\n", { region: null }, "[default]\n"],
    [
      "keeps only the last of a duplicate key",
      "[default]\nregion = a\nREGION = b\noutput = c\nregion = d\n",
      { region: "x" },
      "[default]\noutput = c\nregion = x\n",
    ],
    [
      "removes every duplicate of a key",
      "[default]\nregion = a\n[default]\nregion = d\n",
      { region: null },
      "[default]\n[default]\n",
    ],
    [
      "keeps only the last value of a key in two sections of one name",
      "[default]\nregion = a\n[profile b]\nregion = b\n[default]\nregion = d\n",
      { region: "x" },
      "[default]\n[profile b]\nregion = b\n[default]\nregion = x\n",
    ],
    [
      "edits the section that takes precedence",
      "[default]\nregion = a\n[profile default]\nregion = b\n",
      { region: "x" },
      "[default]\nregion = a\n[profile default]\nregion = x\n",
    ],
    [
      "keeps a key of the same name in a nested map",
      "[default]\nregion = a\ns3 =\n  region = b\n",
      { region: "x" },
      "[default]\nregion = x\ns3 =\n  region = b\n",
    ],
    ["adds a section to an empty file", "", { region: "x", output: "y" }, "[default]\nregion = x\noutput = y\n"],
    ["adds a section after a byte order mark", "\ufeff", { region: "x" }, "\ufeff[default]\nregion = x\n"],
    [
      "adds a section after a blank line",
      "[profile a]\nregion = a\n",
      { region: "x" },
      "[profile a]\nregion = a\n\n[default]\nregion = x\n",
    ],
    [
      "adds a section after an existing blank line",
      "[profile a]\n\t\n",
      { region: "x" },
      "[profile a]\n\t\n[default]\nregion = x\n",
    ],
    ["adds a section to a file without a final line break", "# c", { region: "x" }, "# c\n\n[default]\nregion = x"],
    [
      "adds a section with the line breaks of the file",
      "[profile a]\r\n",
      { region: "x" },
      "[profile a]\r\n\r\n[default]\r\nregion = x\r\n",
    ],
    ["writes UTF-8", "[default]\nregion = ä\n", { region: "ö😂" }, "[default]\nregion = ö😂\n"],
    [
      "changes nothing for the same value",
      "[default]\nregion = a # c\n",
      { region: "a" },
      "[default]\nregion = a # c\n",
    ],
    [
      "changes nothing for the same multi-line value",
      "[default]\nregion = a\n\tb \n",
      { region: "a\nb" },
      "[default]\nregion = a\n\tb \n",
    ],
  ])("%s", (_, before, edits, after) => {
    expect(edit(before, "default", edits)).toBe(after);
    expect(edit(after, "default", edits)).toBe(after);
  });

  it.each([
    ["config", "x", "[profile x]\nregion = y\n"],
    ["config", "default", "[default]\nregion = y\n"],
    ["credentials", "x", "[x]\nregion = y\n"],
    ["credentials", "default", "[default]\nregion = y\n"],
  ] as const)("writes the header of a new section in %s as AWS does: %s", (kind, name, text) => {
    expect(edit("", name, { region: "y" }, kind)).toBe(text);
  });

  it.each(['[profile "x"]', "[profile 'x']", "[profile\t x ]", "[profile x] # mine", "[profile x];mine"])(
    "finds a section with the header %s",
    (header) => {
      expect(edit(`${header}\nregion = a\n`, "x", { region: "b" })).toBe(`${header}\nregion = b\n`);
    },
  );

  it.each<[fact: string, before: string, name: string, kind: FileKind, after: string]>([
    [
      "writes a new section beside [ default ], which the AWS CLI does not read",
      "[ default ]\nregion = a\noutput = b\n",
      "default",
      "config",
      "[ default ]\noutput = b\n\n[default]\nregion = x\n",
    ],
    [
      "writes a new section beside [ a ] in credentials",
      "[\ta ]\nregion = a\n",
      "a",
      "credentials",
      "[\ta ]\n\n[a]\nregion = x\n",
    ],
    [
      "writes a new section beside [ profile a]",
      "[ profile a]\nregion = a\n",
      "a",
      "config",
      "[ profile a]\n\n[profile a]\nregion = x\n",
    ],
    [
      "leaves no old value in a section that the AWS CLI does not read",
      "[profile a]\nregion = a\n[ profile a ]\nregion = b\n",
      "a",
      "config",
      "[profile a]\nregion = x\n[ profile a ]\n",
    ],
    [
      "also edits [default] if it follows [profile default], because the AWS CLI reads the last one",
      "[profile default]\nregion = b\n[default]\nregion = a\n",
      "default",
      "config",
      "[profile default]\nregion = x\n[default]\nregion = x\n",
    ],
    [
      "edits every spelling of a name, because the AWS CLI reads the last one",
      '[profile a]\nregion = a\n[profile "a"]\noutput = b\n',
      "a",
      "config",
      '[profile a]\nregion = x\n[profile "a"]\noutput = b\nregion = x\n',
    ],
    [
      "does not edit a header in another case",
      "[Profile a]\nregion = a\n",
      "a",
      "config",
      "[Profile a]\nregion = a\n\n[profile a]\nregion = x\n",
    ],
    [
      "adds to indented keys with their indentation",
      "[profile a]\n    output = b\n\n[profile b]\n",
      "a",
      "config",
      "[profile a]\n    output = b\n    region = x\n\n[profile b]\n",
    ],
    [
      "replaces an indented value",
      "[profile a]\n    region = a\n    output = b\n",
      "a",
      "config",
      "[profile a]\n    region = x\n    output = b\n",
    ],
    [
      "adds below an indented header with the indentation of the next",
      "  [profile a]\n  [profile b]\n  region = b\n",
      "a",
      "config",
      "  [profile a]\n  region = x\n  [profile b]\n  region = b\n",
    ],
    [
      "adds without indentation below an indented map, because JavaScript reads an indented key as part of the map",
      "[profile a]\n  s3 =\n    b = c\n[profile b]\n",
      "a",
      "config",
      "[profile a]\n  s3 =\n    b = c\nregion = x\n[profile b]\n",
    ],
    [
      "edits once below a header with a no-break space after it",
      "[profile a]\u00a0\n    region: a\n  output = b\n",
      "a",
      "config",
      "[profile a]\u00a0\n    region = x\n  output = b\n",
    ],
    [
      "writes an equals sign for a colon, which only the AWS CLI reads",
      "[profile a]\n  Region: a # c\n",
      "a",
      "config",
      "[profile a]\n# c\n  Region = x\n",
    ],
  ])("%s", (_, before, name, kind, after) => {
    expect(edit(before, name, { region: "x" }, kind)).toBe(after);
    expect(edit(after, name, { region: "x" }, kind)).toBe(after);
  });

  it.each<[fact: string, before: string, line: number]>([
    ["a header that only the AWS CLI reads", "[profile b]\n[profiles a]\n", 2],
    ["a header with text after it, which only the AWS CLI reads as a header", "[profile a] /* note */\n", 1],
    ["an escaped name", "[profile \\a]\n", 1],
    ["a carriage return alone as a line break", "[profile a]\nregion = a\routput = b\n", 2],
  ])("refuses %s", (_, before, line) => {
    const work = () => edit(before, "a", { region: "x" });
    expect(work).toThrow(expect.objectContaining({ code: "FileBroken" }));
    expect(work).toThrow(new RegExp(`line ${line}\\b`, "i"));
  });

  it("keeps bytes that are not UTF-8", () => {
    const odd = Buffer.from([0x23, 0xff, 0xfe, 0x80, 0x0a]);
    const content = Buffer.concat([odd, Buffer.from("[default]\nother = \xe9\nregion = a\n", "latin1"), odd]);
    const edited = editProfile(new SharedFile("config", content, "config"), "default", new Map([["region", "x"]]));
    expect(edited.toString("latin1")).toBe(content.toString("latin1").replace("region = a", "region = x"));
  });
});

describe(removeProfileSections.name, () => {
  it.each([
    [
      "a section and its blank lines",
      "[profile b]\nx = 1\n\n[profile a]\ny = 1\n\n[profile c]\n",
      "[profile b]\nx = 1\n\n[profile c]\n",
    ],
    ["all sections of the name", "[profile a]\nx = 1\n[profile b]\n[profile a]\n", "[profile b]\n"],
    ["the last section", "[profile b]\n[profile a]\nx = 1", "[profile b]\n"],
    ["the only section", "[profile a]\n", ""],
    ["the comments in it", "[profile a]\n# c\nx = 1\n# d\n\n[profile b]\n", "[profile b]\n"],
    ["no comment above it", "# c\n[profile a]\nx = 1\n", "# c\n"],
    [
      "no comment directly above the next section",
      "[profile a]\nx = 1\n# about b\n[profile b]\n",
      "# about b\n[profile b]\n",
    ],
    [
      "no comment after a blank line",
      "[profile a]\nx = 1\n# about a\n\n# about b\n\n# also b\n[profile b]\n",
      "# about b\n\n# also b\n[profile b]\n",
    ],
    ["no comment after a blank line at the end", "[profile a]\nx = 1\n\n# end\n", "# end\n"],
    ["nested maps and continuations", "[profile a]\ns3 =\n  x = 1\n\n  y = 2\n[profile b]\n", "[profile b]\n"],
    ["nothing if the profile is missing", "[profile b]\n[a]\n[sso-session a]\n", "[profile b]\n[a]\n[sso-session a]\n"],
  ])("removes %s", (_, before, after) => {
    expect(remove(before, "a")).toBe(after);
  });

  it("removes [default] and [profile default]", () => {
    expect(remove("[default]\nx = 1\n[profile b]\n[profile default]\ny = 1\n", "default")).toBe("[profile b]\n");
  });

  it.each<[name: string, kind: FileKind, headers: readonly string[]]>([
    ["my own", "config", ['[profile "my own"]', "[profile 'my own']", "[profile my\\ own]", "[profile my own]"]],
    ["my own", "credentials", ["[my own]", "[ profile my own ]"]],
    ["a", "config", ["[profile a]", "[ profile\ta ]", "[profiles a]", "[profile a] /* note */", "[profile a];c"]],
    ["a", "credentials", ["[a]", "[ a ]", "[profile a]"]],
    ["default", "config", ["[default]", "[ default ]", "[profile default]"]],
    ["größe", "config", ["[profile größe]", "[profile 'größe']"]],
    ["größe", "credentials", ["[größe]"]],
  ])("removes %s from %s in every spelling that a tool reads", (name, kind, headers) => {
    const kept = kind === "config" ? "[profile b]\n" : "[b]\n";
    const text = headers.map((header) => `${header}\nx = 1\n${kept}`).join("");
    expect(remove(text, name, kind)).toBe(kept.repeat(headers.length));
  });

  it("refuses a removal that would make an indented header part of the value above", () => {
    const text = "[profile b]\nx = 1\n[profile a]\n  [profile c]\n  x = 1\n";
    expect(() => remove(text, "a")).toThrow(expect.objectContaining({ code: "FileBroken" }));
  });
});

describe("random edits", () => {
  it("change no other byte, and nothing when repeated", () => {
    const random = randomFrom(20240607);
    for (let round = 0; round < 500; round++) {
      const { before, marked } = randomFile(random);
      const after = editProfile(new SharedFile("config", before, "config"), "target", new Map([["region", "NEW"]]));
      // Every other line is still there, in order.
      expect(withoutRegion(after.toString("latin1")), marked).toBe(withoutRegion(before.toString("latin1")));
      const read = new SharedFile("config", after, "config");
      expect(read.values(read.profileSections("target")).get("region"), marked).toBe("NEW");
      expect(editProfile(read, "target", new Map([["region", "NEW"]])), marked).toEqual(after);
      const removed = editProfile(read, "target", new Map([["region", null]]));
      const reread = new SharedFile("config", removed, "config");
      expect(reread.values(reread.profileSections("target")).has("region"), marked).toBe(false);
    }
  });
});

/** Removes the lines of the edited key, whose values are `OLD` and `NEW`. */
function withoutRegion(text: string): string {
  return text.replace(/(?<=^|\n)[^\n]*(?:OLD|NEW)[^\n]*(?:\n|$)/g, "").replace(/\r?\n?$/, "");
}

function randomFile(random: () => number): { before: Buffer; marked: string } {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const eol = pick(["\n", "\r\n"]);
  const lines = ["# first"];
  const sections = [
    "[profile other]",
    "[profile target]",
    "[default]",
    "[profile target]",
    "[junk]",
    "[sso-session s]",
  ];
  let hasTarget = false;
  for (let count = 0; count < 6; count++) {
    const header: string = count === 3 && !hasTarget ? "[profile target]" : pick(sections);
    const isTarget: boolean = header === "[profile target]";
    hasTarget ||= isTarget;
    lines.push(pick([header, `${header} ; c`, header.replace("]", " ]")]));
    for (let line = 0; line < 6; line++) {
      const other = pick([
        "",
        "\t",
        "# c",
        ";c",
        "output = json",
        "key=v#w",
        "key = v # w",
        "in valid = 1",
        "empty =",
        "s3 =",
        "odd = \xff\xfe\x80",
        "__proto__ = 1",
      ]);
      lines.push(other);
      if (other === "s3 =") lines.push("  nested = 1", "", "\tregion = nested");
      if (other.startsWith("key")) lines.push("  continued", "# between", " and = more");
      if (isTarget && random() < 0.4) lines.push(pick(["region = OLD", "Region=OLD", "region =\tOLD "]));
      if (isTarget && random() < 0.1) lines.push("region = OLD", "  OLD continued");
    }
  }
  const text = lines.join(eol) + pick(["", eol]);
  return { before: Buffer.from(text, "latin1"), marked: JSON.stringify(text) };
}
