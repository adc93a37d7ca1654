// Generates the XML that Get-Help reads. The text is in the comment above each cmdlet's class, as comment-based help (.SYNOPSIS, .PARAMETER
// NAME, ...). Parameters, their types and their sets come from the class and its base classes. A base class describes the parameters that
// its cmdlets share; a cmdlet's own text replaces that.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pageOf } from "./reference.mjs";

/** The help of each cmdlet, parsed. */
export function commandsOf(cmdlets) {
  const classes = new Map();
  for (const name of readdirSync(cmdlets, { recursive: true }).filter((name) => name.endsWith(".cs")))
    for (const one of classesOf(readFileSync(join(cmdlets, name), "utf8"))) classes.set(one.name, one);
  return readdirSync(join(cmdlets, "Commands"))
    .sort()
    .map((file) =>
      commandOf(file.replace(/\.cs$/, ""), readFileSync(join(cmdlets, "Commands", file), "utf8"), classes),
    );
}

/** The help of all cmdlets, as the file that PowerShell looks for beside the module. Get-Help -Online opens the first link. */
export function helpOf(commands, homepage) {
  return `<?xml version="1.0" encoding="utf-8"?>
<helpItems schema="maml" xmlns="http://msh">
${commands
  .map((command) => ({ ...command, links: [pageOf(homepage, command.name), ...command.links] }))
  .map(xmlOf)
  .join("\n")}
</helpItems>
`;
}

function commandOf(className, source, classes) {
  const { attributes } = classes.get(className);
  const [, verb, noun] = /\[Cmdlet\("(\w+)", "(\w+)"/.exec(attributes);
  const name = `${verb}-${noun}`;
  const [, comment] = /^\/\*\n([\s\S]*?)\*\/\n/.exec(source) ?? [];
  if (comment === undefined) throw new Error(`${name} has no help. Add it as a comment at the beginning of the file.`);
  const parameters = parametersOf(className, classes);
  const sections = sectionsOf(comment);
  const one = (keyword) => sections.find((section) => section.keyword === keyword)?.text ?? "";
  const described = new Map(
    sections.filter(({ keyword }) => keyword === "PARAMETER").map(({ argument, text }) => [argument, text]),
  );
  if (/SupportsShouldProcess = true/.test(attributes)) {
    parameters.push(commonSwitch("WhatIf", "wi"), commonSwitch("Confirm", "cf"));
    described.set("WhatIf", "Shows what would happen if the command runs. The command does not run.");
    described.set("Confirm", "Prompts for confirmation before running the command.");
  }
  for (const parameter of described.keys())
    if (!parameters.some((known) => known.name === parameter))
      throw new Error(`${name} has no parameter -${parameter}, which its help explains.`);
  for (const { name: parameter, summary } of parameters) {
    if (!described.has(parameter)) described.set(parameter, summary);
    if (!described.get(parameter)) throw new Error(`The help of ${name} does not explain -${parameter}.`);
  }
  // The cmdlet's own parameters come first, in the order of the comment.
  const order = [...described.keys()];
  parameters.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  return {
    name,
    synopsis: one("SYNOPSIS"),
    description: one("DESCRIPTION"),
    inputs: one("INPUTS"),
    outputs: one("OUTPUTS"),
    notes: one("NOTES"),
    examples: sections.filter(({ keyword }) => keyword === "EXAMPLE").map(({ text }) => text),
    links: sections.filter(({ keyword }) => keyword === "LINK").map(({ text }) => text.trim()),
    parameters: parameters.map((parameter) => ({ ...parameter, text: described.get(parameter.name) })),
    defaultSet: /DefaultParameterSetName = "(\w+)"/.exec(attributes)?.[1],
  };
}

function sectionsOf(comment) {
  const sections = [];
  for (const line of comment.split("\n")) {
    const [, keyword, argument] = /^\.([A-Z]+)(?: (\w+))?$/.exec(line) ?? [];
    if (keyword) sections.push({ keyword, argument, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ lines, ...section }) => ({ ...section, text: lines.join("\n").replace(/^\n+|\s+$/g, "") }));
}

/** The classes in a source file: name, base class, the text before the name, and the body. */
function classesOf(source) {
  return [
    ...source.matchAll(/((?:^\[.*\]\n)*)^public (?:sealed |abstract )*class (\w+)(?: : (\w+))?.*\n\{\n([\s\S]*?)^\}/gm),
  ].map(([, attributes, name, base, body]) => ({ name, base, attributes, body }));
}

/** The parameters of the class and its base classes, those of the lowest base first. */
function parametersOf(name, classes) {
  const one = classes.get(name);
  return one ? [...parametersOf(one.base, classes), ...declaredIn(one.body)] : [];
}

function declaredIn(body) {
  const pattern =
    /((?:^ {4}\/\/\/.*\n)*)((?:^ {4}\[.*\]\n)+) {4}public ([\w[\]]+)\?? (\w+) \{ get; set; \}(?: = (.*);)?/gm;
  return [...body.matchAll(pattern)].flatMap(([, comment, attributes, type, name, initial]) => {
    const uses = [...attributes.matchAll(/\[Parameter(?:\((.*)\))?\]/g)].map(([, text = ""]) => ({
      set: /ParameterSetName = "(\w+)"/.exec(text)?.[1],
      mandatory: text.includes("Mandatory = true"),
      position: /Position = (\d+)/.exec(text)?.[1],
      byValue: text.includes("ValueFromPipeline = true"),
      byName: text.includes("ValueFromPipelineByPropertyName = true"),
    }));
    if (uses.length === 0) return [];
    const listed = (attribute) =>
      JSON.parse(`[${new RegExp(`\\[${attribute}\\((.*)\\)\\]`).exec(attributes)?.[1] ?? ""}]`);
    return {
      name,
      summary: wrapped(comment.replace(/<\/?summary>|^ {4}\/\/\/ /gm, "")),
      type:
        type === "SwitchParameter"
          ? "SwitchParameter"
          : type[0].toUpperCase() + type.slice(1).replace("nt[]", "nt32[]").replace(/nt$/, "nt32"),
      uses,
      aliases: listed("Alias"),
      values: listed("ValidateSet"),
      wildcards: attributes.includes("[SupportsWildcards]"),
      initial: initial?.replace(/^\[|\]$|"/g, ""),
    };
  });
}

/** In lines as long as those of the comments. */
function wrapped(text) {
  return text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/(.{1,76})(?: |$)/g, "$1\n")
    .trimEnd();
}

function commonSwitch(name, alias) {
  return { name, type: "SwitchParameter", uses: [{}], aliases: [alias], values: [], wildcards: false };
}

function xmlOf(command) {
  const [verb, noun] = command.name.split("-");
  const sets = [...new Set(command.parameters.flatMap(({ uses }) => uses.map(({ set }) => set).filter(Boolean)))];
  // The default set comes first, as in Get-Command.
  sets.sort((a, b) => Number(b === command.defaultSet) - Number(a === command.defaultSet));
  if (sets.length === 0 || (command.defaultSet && !sets.includes(command.defaultSet))) sets.unshift(undefined);
  const names = {
    maml: "http://schemas.microsoft.com/maml/2004/10",
    command: "http://schemas.microsoft.com/maml/dev/command/2004/10",
    dev: "http://schemas.microsoft.com/maml/dev/2004/10",
  };
  return `<command:command ${Object.entries(names)
    .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
    .join(" ")}>
<command:details><command:name>${command.name}</command:name><maml:description>${paragraph(command.synopsis)}</maml:description><command:verb>${verb}</command:verb><command:noun>${noun}</command:noun></command:details>
<maml:description>${paragraph(command.description)}</maml:description>
<command:syntax>${sets.map((set) => syntaxOf(command, set)).join("\n")}</command:syntax>
<command:parameters>${command.parameters.map(parameterOf).join("\n")}</command:parameters>
<command:inputTypes><command:inputType><dev:type><maml:name>${escaped(command.inputs)}</maml:name></dev:type></command:inputType></command:inputTypes>
<command:returnValues><command:returnValue><dev:type><maml:name>${escaped(command.outputs)}</maml:name></dev:type></command:returnValue></command:returnValues>
<maml:alertSet><maml:alert>${paragraph(command.notes)}</maml:alert></maml:alertSet>
<command:examples>${command.examples.map(exampleOf).join("\n")}</command:examples>
<maml:relatedLinks>${command.links.map(linkOf).join("")}</maml:relatedLinks>
</command:command>`;
}

function syntaxOf(command, set) {
  const used = command.parameters.flatMap((parameter) => {
    const use = parameter.uses.find((use) => use.set === set || use.set === undefined);
    return use ? [{ parameter, use }] : [];
  });
  // Sorts by position, then mandatory parameters first, as Get-Command -Syntax does.
  const rank = ({ use }) => (use.position === undefined ? (use.mandatory ? 100 : 200) : Number(use.position));
  used.sort((a, b) => rank(a) - rank(b));
  return `<command:syntaxItem><maml:name>${command.name}</maml:name>${used.map(({ parameter, use }) => usageOf(parameter, use)).join("")}</command:syntaxItem>`;
}

/** One parameter within a set's syntax, without its description. */
function usageOf({ name, type, values }, { mandatory = false, position = "named" }) {
  const group = values
    .map((one) => `<command:parameterValue required="false">${escaped(one)}</command:parameterValue>`)
    .join("");
  const value = group ? `<command:parameterValueGroup>${group}</command:parameterValueGroup>` : argumentOf(type);
  return `<command:parameter required="${mandatory}" position="${position}"><maml:name>${name}</maml:name>${value}</command:parameter>`;
}

function parameterOf({ name, type, aliases, wildcards, initial, text, uses: [use] }) {
  const ways = [...(use.byValue ? ["ByValue"] : []), ...(use.byName ? ["ByPropertyName"] : [])];
  const attributes = {
    required: use.mandatory === true,
    variableLength: type.endsWith("[]"),
    globbing: wildcards,
    pipelineInput: ways.length > 0 ? `true (${ways.join(", ")})` : "false",
    position: use.position ?? "named",
    aliases: aliases.join(", ") || "none",
  };
  const written = Object.entries(attributes).map(([attribute, value]) => `${attribute}="${value}"`);
  const initially = escaped(initial ?? (type === "SwitchParameter" ? "False" : "None"));
  return `<command:parameter ${written.join(" ")}><maml:name>${name}</maml:name><maml:description>${paragraph(text)}</maml:description>${argumentOf(type)}<dev:type><maml:name>${type}</maml:name></dev:type><dev:defaultValue>${initially}</dev:defaultValue></command:parameter>`;
}

function argumentOf(type) {
  if (type === "SwitchParameter") return "";
  return `<command:parameterValue required="true" variableLength="${type.endsWith("[]")}">${type}</command:parameterValue>`;
}

// The first line is the code, after its prompt. The rest is its output and an explanation.
function exampleOf(text, index) {
  const [first, ...rest] = text.split("\n");
  const [, prompt = "", code = first] = /^(PS[^>]*> )(.*)$/.exec(first) ?? [];
  return `<command:example><maml:title>-------------------------- EXAMPLE ${index + 1} --------------------------</maml:title><maml:introduction>${paragraph(prompt.trimEnd())}</maml:introduction><dev:code>${escaped(code)}</dev:code><dev:remarks>${paragraph(rest.join("\n").replace(/^\n+/, ""))}</dev:remarks></command:example>`;
}

function linkOf(text) {
  const inner = /^https?:/.test(text)
    ? `<maml:linkText></maml:linkText><maml:uri>${escaped(text)}</maml:uri>`
    : `<maml:linkText>${escaped(text)}</maml:linkText><maml:uri></maml:uri>`;
  return `<maml:navigationLink>${inner}</maml:navigationLink>`;
}

function paragraph(text) {
  return `<maml:para>${escaped(text)}</maml:para>`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
