/**
 * Parses the messages of the protocol on both sides: the interfaces of `src/protocol`, and the records of `cmdlets/Protocol`. Text that
 * it does not understand is an error, so that no message can escape the comparison.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Member {
  /** As in C#: `string`, `int`, `SessionTag[]`, `Dictionary<string, string?>`. */
  readonly type: string;
  readonly optional: boolean;
}

export interface Messages {
  /** The members of each message, with those of its base, by the name in JSON. */
  readonly types: Map<string, Map<string, Member>>;
  /** The names of its parameters and of its result, by method. */
  readonly methods: Map<string, readonly [string, string]>;
}

interface Own {
  readonly base: string | undefined;
  readonly members: Map<string, Member>;
}

const root = join(import.meta.dirname, "..", "..");

export function readTypeScript(): Messages {
  const folder = join(root, "src", "protocol");
  const files = readdirSync(folder).filter((file) => /^(methods|envelope|[\w-]+-messages)\.ts$/.test(file));
  return parseTypeScript(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n"));
}

export function readCSharp(): Messages {
  const folder = join(root, "cmdlets", "Protocol");
  const files = readdirSync(folder).filter((file) => /^(Methods|\w*Messages?)\.cs$/.test(file));
  return parseCSharp(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n"));
}

/** The settings of a profile, by side. */
export function readSettings(): { typeScript: string[]; cSharp: string[] } {
  const union = readFileSync(join(root, "src", "protocol", "setting.ts"), "utf8");
  const constants = readFileSync(join(root, "cmdlets", "Protocol", "Setting.cs"), "utf8");
  return {
    typeScript: [...union.matchAll(/\| "(\w+)"/g)].map(([, name = ""]) => name),
    cSharp: [...constants.matchAll(/const string (\w+) = "(\w+)";/g)].map(([, constant = "", name = ""]) =>
      lowerFirst(constant) === name ? name : `${constant} = ${name}`,
    ),
  };
}

function parseTypeScript(source: string): Messages {
  const text = source
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/^import [^;]+;/gm, "");
  const texts = new Set([...text.matchAll(/^export type (\w+) =\s*(?:\|?\s*"\w+"\s*)+;/gm)].map(([, name]) => name));
  const csharpOf = (type: string): string => {
    if (type.endsWith("[]")) return `${csharpOf(type.slice(0, -2))}[]`;
    if (type === "Record<string, string>" || type === "{ [S in Setting]?: string }")
      return "Dictionary<string, string>";
    if (type === "{ [S in Setting]?: string | null }") return "Dictionary<string, string?>";
    if (type === "boolean") return "bool";
    if (texts.has(type)) return "string";
    // A literal of a union.
    if (/^"\w+"$/.test(type)) return "string";
    if (/^\w+$/.test(type)) return type;
    throw new Error(`Unknown type in TypeScript: ${type}`);
  };
  const parseMembers = (lines: readonly string[]) =>
    new Map(
      lines.map((line): [string, Member] => {
        const [, member, mark, type] = matched(/^(\w+)(\??): (.+);$/, line);
        return [member, { type: csharpOf(type), optional: mark === "?" }];
      }),
    );
  const own = new Map<string, Own>();
  let unions = 0;
  const methods = new Map<string, readonly [string, string]>();
  own.set("Nothing", { base: undefined, members: new Map() });
  for (const [, name = "", base, body = ""] of text.matchAll(
    /^export interface (\w+)(?:<[^{]*>)?(?: extends (\w+))? \{\n([\s\S]*?)^\}/gm,
  )) {
    if (name === "Methods") {
      for (const line of linesOf(body)) {
        const [, method, params, result] = matched(/^"([\w/-]+)": \{ params: (\w+); result: (\w+) \};$/, line);
        methods.set(method, [params, result]);
      }
    } else if (!["Request", "Cancellation", "ProxyAnswer", "FileAnswer"].includes(name)) {
      own.set(name, { base, members: parseMembers(linesOf(body)) });
    }
  }
  for (const [, name = "", variants = ""] of text.matchAll(/^export type (\w+) =\n((?: {2}\| \(?\{.*\n?)+)/gm)) {
    own.set(name, { base: undefined, members: unionOf(linesOf(variants), parseMembers, own) });
    unions++;
  }
  // Methods, Request, Cancellation, ProxyAnswer and FileAnswer are interfaces too; Nothing is a type.
  assertAll(own.size - unions + 4, text, /\binterface \w+/g);
  // Nothing, Method and Params are types too.
  assertAll(unions + texts.size + 3, text, /^export type \w+/gm);
  return { types: withBases(own), methods };
}

/** The members of all variants of a union. A member that one of them lacks is optional. */
function unionOf(
  variants: readonly string[],
  parseMembers: (lines: readonly string[]) => Map<string, Member>,
  known: ReadonlyMap<string, Own>,
): Map<string, Member> {
  const all = variants.map((variant) => {
    const [, , body, base] = matched(/^\| (\(?)\{ (.+) \}(?: & (\w+)\))?;?$/, variant) as [
      string,
      string,
      string,
      string,
    ];
    return new Map([...parseMembers(body.split("; ").map((part) => `${part};`)), ...(known.get(base)?.members ?? [])]);
  });
  const names = new Set(all.flatMap((members) => [...members.keys()]));
  return new Map(
    [...names].map((name) => {
      const found = all.map((members) => members.get(name));
      const type = found.find((member) => member !== undefined)?.type ?? "";
      return [name, { type, optional: found.some((member) => member?.optional ?? true) }];
    }),
  );
}

function parseCSharp(source: string): Messages {
  const text = source.replace(/^\s*\/\/.*$/gm, "");
  const own = new Map<string, Own>();
  for (const [, name = "", base, body = ""] of text.matchAll(
    /^internal (?:abstract |sealed )?record (\w+)(?:<\w+>)?(?: : (\w+))?(?:\s+where [^{]*)?(?:;|\s*\{\n([\s\S]*?)^\})/gm,
  )) {
    const members = linesOf(
      body
        .replace(new RegExp(`internal ${name}\\(UseRoleParams request\\)\\s+: base\\(request\\) \\{ \\}`), "")
        .replace("public sealed override string ToString() => GetType().Name;", ""),
    ).map((line): [string, Member] => {
      const [, required, type, property] = matched(
        /^public (required )?([\w<>, ?[\]]+) (\w+) \{ get; (?:init|set); \}$/,
        line,
      );
      return [lowerFirst(property), { type: type.replace(/\?$/, ""), optional: required === "" }];
    });
    own.set(name, { base, members: new Map(members) });
  }
  assertAll(own.size, text, /\brecord \w+/g);
  const table = /internal static class Methods\s*\{([\s\S]*?)^\}/m.exec(text)?.[1] ?? "";
  const methods = new Map(
    linesOf(table).map((line) => {
      const [, params, result, method] = matched(
        /^internal static Method<(\w+), (\w+)> \w+ => new\("([\w/-]+)"\);$/,
        line,
      );
      return [method, [params, result]] as const;
    }),
  );
  return { types: withBases(own), methods };
}

function withBases(own: ReadonlyMap<string, Own>) {
  const all = (name: string | undefined): [string, Member][] => {
    const found = name === undefined ? undefined : own.get(name);
    return found ? [...all(found.base), ...found.members] : [];
  };
  return new Map([...own.keys()].map((name) => [name, new Map(all(name))]));
}

function assertAll(count: number, text: string, declaration: RegExp): void {
  const declared = [...text.matchAll(declaration)].length;
  if (count !== declared) throw new Error(`${count} of ${declared} declarations are understood: ${declaration}`);
}

function linesOf(body: string): string[] {
  return body
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function matched(pattern: RegExp, line: string): string[] & { 1: string; 2: string; 3: string } {
  const found = pattern.exec(line);
  if (!found) throw new Error(`Not understood: ${line}`);
  return [...found].map((part) => part ?? "") as string[] & { 1: string; 2: string; 3: string };
}

function lowerFirst(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
