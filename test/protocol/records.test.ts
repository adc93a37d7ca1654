import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Member, type Messages, readCSharp, readSettings, readTypeScript } from "./messages.ts";

/** In C#: the base classes, and the envelope. In TypeScript: a part of SignInStep, which C# has as one record. */
const oneSided = new Set(["Message", "RequestParams", "Response", "SignInPage"]);

const typeScript = readTypeScript();
const cSharp = readCSharp();

it.each([
  ["all methods of TypeScript", typeScript.methods.size, 18],
  ["all messages of TypeScript", typeScript.types.size, 30],
  ["all parameters of a role of TypeScript", typeScript.types.get("UseRoleParams")?.size ?? 0, 20],
  ["all settings of TypeScript", readSettings().typeScript.length, 30],
  ["all settings of C#", readSettings().cSharp.length, 20],
])("reads %s", (_, count, least) => {
  expect(count).toBeGreaterThanOrEqual(least);
});

it("has the same methods, messages and members in TypeScript and in C#", () => {
  expect(differences(typeScript, cSharp)).toEqual([]);
});

it("names a setting of a profile in C# as in TypeScript", () => {
  const settings = readSettings();
  expect(settings.cSharp.filter((name) => !settings.typeScript.includes(name))).toEqual([]);
});

describe("each parameter of a role's session", () => {
  const source = (path: string) => readFileSync(join(import.meta.dirname, "..", "..", "cmdlets", path), "utf8");
  const request = source("Parameters/RoleRequest.cs");
  const cmdlets = ["SourceCmdlet", "SessionCmdlet", "AssumingCmdlet"].map((name) => source(`Parameters/${name}.cs`));
  const members = [...(typeScript.types.get("SessionParameters")?.keys() ?? [])];

  it.each(members)("%s is a parameter of the cmdlets, which RoleRequest reads", (member) => {
    const property = `${member.charAt(0).toUpperCase()}${member.slice(1)}`;
    // Lists are singular in PowerShell.
    const parameter = property.replace(/s$/, "").replace(/^DurationInSecond$/, "DurationInSeconds");
    expect(cmdlets.join("\n")).toMatch(new RegExp(`public \\S+ ${parameter} \\{ get; set; \\}`));
    expect(request).toMatch(new RegExp(`\\b${property} =[^;=]*?"${parameter}"`));
  });
});

function differences(left: Messages, right: Messages): string[] {
  const found: string[] = [];
  for (const method of union(left.methods, right.methods)) {
    const [one, other] = [left.methods.get(method), right.methods.get(method)];
    if (!one || !other) found.push(`${one ? "C#" : "TypeScript"} lacks ${method}`);
    else if (one.join() !== other.join()) found.push(`${method}: ${one.join()} is ${other.join()} in C#`);
  }
  for (const type of union(left.types, right.types)) {
    const [one, other] = [left.types.get(type), right.types.get(type)];
    if (oneSided.has(type)) continue;
    if (!one || !other) found.push(`${one ? "C#" : "TypeScript"} lacks ${type}`);
    else found.push(...memberDifferences(type, one, other));
  }
  return found;
}

function memberDifferences(type: string, left: Map<string, Member>, right: Map<string, Member>): string[] {
  return union(left, right).flatMap((name) => {
    const [one, other] = [left.get(name), right.get(name)];
    const full = `${type}.${name}`;
    // The base of all parameters has it in C#, and Request in TypeScript.
    if (name === "context" && !one) return [];
    if (!one || !other) return [`${one ? "C#" : "TypeScript"} lacks ${full}`];
    if (!isSameType(one.type, other.type)) return [`${full}: ${one.type} is ${other.type} in C#`];
    // C# cannot narrow an inherited member, as TestRoleParams does.
    if (one.optional !== other.optional && full !== "TestRoleParams.invocationId")
      return [`${full} is optional in ${one.optional ? "TypeScript" : "C#"} only`];
    return [];
  });
}

function isSameType(typeScript: string, cSharp: string): boolean {
  if (typeScript === "number") return cSharp === "int" || cSharp === "double";
  // The variables of a process, as .NET returns them.
  if (cSharp === "IDictionary") return typeScript === "Dictionary<string, string>";
  return typeScript === cSharp;
}

function union(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...left.keys(), ...right.keys()])];
}
