import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { editProfile } from "../../src/profiles/edit.ts";
import { combine } from "../../src/profiles/read.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { type CliFile, cliFiles } from "../profiles/cli-files.ts";
import { amount, figure, randomChoices, seed } from "./amount.ts";

const { below, pick } = randomChoices();

describe(`files that botocore can also read (seed ${seed})`, () => {
  it("are read as botocore reads them", () => {
    const files: (CliFile | undefined)[] = Array.from({ length: amount(1_000, 20_000) }, () => undefined);
    let broken = 0;
    for (const [kind, texts] of Object.entries(textsByKind([...cliFiles, ...files]))) {
      const read = readWithBotocore(kind, texts);
      for (const [index, text] of texts.entries()) {
        if (read[index] === "twice") continue;
        const ours = readOurselves(kind as "config" | "credentials", text);
        expect([text, ours], `${kind} ${JSON.stringify(text)}`).toEqual([text, read[index] ?? "FileBroken"]);
        if (ours === "FileBroken") broken++;
      }
    }
    figure("parsing: random files read as botocore reads them; broken files among them", `${files.length}; ${broken}`);
  });

  it("read back in botocore with the edit and no other change", () => {
    const texts = textsByKind(Array.from({ length: amount(1_000, 20_000) }, () => undefined));
    const outcomes = { edited: 0, refused: 0 };
    for (const kind of ["config", "credentials"] as const) {
      const before = readWithBotocore(kind, texts[kind] ?? []);
      const edited = (texts[kind] ?? []).map((text) => edit(kind, text, pick(["a", "b.c", "default"])));
      const after = readWithBotocore(
        kind,
        edited.map((file) => file?.text ?? ""),
      );
      for (const [index, file] of edited.entries()) {
        const [was, is] = [before[index], after[index]];
        if (!file) outcomes.refused++;
        if (!file || typeof was !== "object" || was === null) continue;
        const profiles = was as Record<string, object>;
        const wanted = { ...profiles, [file.name]: { ...profiles[file.name], region: "NEW" } };
        expect([file.text, is], JSON.stringify(texts[kind]?.[index])).toEqual([file.text, wanted]);
        outcomes.edited++;
      }
    }
    figure("parsing: random files edited, and read by botocore; refused", `${outcomes.edited}; ${outcomes.refused}`);
  });

  function edit(
    kind: "config" | "credentials",
    text: string,
    name: string,
  ): { name: string; text: string } | undefined {
    try {
      const file = new SharedFile(kind, Buffer.from(text), kind);
      return { name, text: editProfile(file, name, new Map([["region", "NEW"]])).toString() };
    } catch (error) {
      if (error instanceof RoleError) return undefined;
      throw error;
    }
  }

  function textsByKind(files: readonly (CliFile | undefined)[]): Record<string, string[]> {
    const texts: Record<string, string[]> = { config: [], credentials: [] };
    for (const file of files) {
      const kind = file?.kind ?? pick(["config", "credentials"] as const);
      texts[kind]?.push(file?.text ?? randomText(kind));
    }
    return texts;
  }

  /** Excludes input that botocore is known to read differently: see docs/compatibility.md. */
  function randomText(kind: string): string {
    const indentations = ["", "", "", "  ", "  ", "    ", "\t", "\u00a0", "\u3000 ", " \t"];
    const names = [
      "a",
      "b.c",
      "größe",
      "my keys",
      "'my keys'",
      '"x y"',
      "Jo's",
      "a\\b",
      "R&D",
      "~1",
      "x]y",
      "日本",
      "a#b",
    ];
    const lines = ["region", "output", "role_arn", "s3", "other key"].map((key) => {
      const delimiter = pick([" = ", "=", " =", "= ", ": ", " : ", "\t=\u00a0"]);
      return () =>
        `${key}${delimiter}${pick(["", "x", "a b", "a=b", "c:d", "x\u00a0y", "y\u00a0", "ä", "a#b;c", "[x]"])}`;
    });
    const used = new Set<string>();
    const text: string[] = [];
    const add = (line: string) => text.push(pick(indentations) + line);
    for (let section = below(4); section >= 0; section--) {
      const name = pick(names);
      const words =
        kind === "config"
          ? `${pick(["profile", "profile", "profile", "Profile", "sso-session"])}${pick([" ", " ", "\t", "  "])}`
          : "";
      const header = `[${pick([`${words}${name}`, `${words}${name}`, "default"])}]${pick(["", "", "", " note", "\u00a0", ";"])}`;
      const id = header
        .slice(0, header.lastIndexOf("]"))
        .replace(/["'\\]/g, "")
        .replace(/\s+/g, " ");
      if (used.has(id)) continue;
      used.add(id);
      add(header);
      const settings = new Set(lines);
      for (let count = below(6); count > 0; count--) {
        const line = pick([...settings]);
        const kindOfLine = below(12);
        if (kindOfLine === 0) add(pick(["# c", "; c", ""]));
        else if (kindOfLine === 1) add("just text");
        else if (line && settings.delete(line)) add(line());
      }
    }
    return text.join(pick(["\n", "\n", "\r\n", "\r"])) + pick(["", "\n"]);
  }

  function readOurselves(kind: "config" | "credentials", text: string): unknown {
    try {
      const file = new SharedFile(kind, Buffer.from(text), kind);
      const none = new SharedFile("none", Buffer.alloc(0), "credentials");
      const names = combine(file, none)
        .profiles()
        .map(({ name }) => name);
      return Object.fromEntries(
        names.map((name) => {
          const values = file.values(file.profileSections(name));
          return [
            name,
            Object.fromEntries([...values].filter(([key, value]) => key !== "s3" && !value.startsWith("\n"))),
          ];
        }),
      );
    } catch (error) {
      if (error instanceof RoleError) return error.code;
      throw error;
    }
  }

  function readWithBotocore(kind: string, texts: readonly string[]): unknown[] {
    const script = `
import json, os, sys, tempfile
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError
kind, texts = json.load(sys.stdin)
results = []
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    for text in texts:
        with open(path, "wb") as file: file.write(text.encode())
        try:
            read = load_config(path)["profiles"] if kind == "config" else raw_config_parse(path)
        except ConfigParseError as error:
            # botocore refuses a duplicate key or section; this project takes the last one.
            results.append("twice" if "already exists" in str(error.kwargs["error"]) else None)
            continue
        plain = {}
        for name, values in read.items():
            if kind == "credentials" and name.startswith(("profile ", "profile\\t")): continue
            plain[name] = {
                key: "\\n".join(line for line in value.split("\\n") if line)
                for key, value in values.items()
                if isinstance(value, str) and key != "s3" and " " not in key
            }
        results.append(plain)
print(json.dumps(results))`;
    const input = JSON.stringify([kind, texts]);
    return JSON.parse(execFileSync("python3", ["-c", script], { encoding: "utf8", input, maxBuffer: 1e9 }));
  }
});
