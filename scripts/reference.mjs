// Writes the pages in docs/reference, one per cmdlet, from the same help that Get-Help shows. Get-Help -Online opens them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The URL of a command's page. */
export function pageOf(homepage, name) {
  return `${homepage}/blob/main/docs/reference/${name}.md`;
}

/** Writes the pages of all commands. */
export function writeReference(folder, commands) {
  mkdirSync(folder, { recursive: true });
  for (const command of commands) writeFileSync(join(folder, `${command.name}.md`), page(command));
}

function page({ name, synopsis, description, parameters, inputs, outputs, examples, notes, links }) {
  const sections = [
    `# ${name}`,
    prose(synopsis),
    prose(description),
    "## Parameters",
    ...parameters.map((one) => `### -${one.name}\n\n${facts(one)}\n\n${prose(one.text)}`),
    "## Examples",
    ...examples.map(example),
    `## Inputs\n\n${prose(inputs)}`,
    `## Outputs\n\n${prose(outputs)}`,
    ...(notes ? [`## Notes\n\n${prose(notes)}`] : []),
    `## See also\n\n${links.map(link).join("\n")}`,
  ];
  return `<!-- Written by npm run build from the help above the cmdlet's class. -->\n${sections.join("\n\n")}\n`;
}

function facts({ type, aliases }) {
  return `Type: \`${type}\`.${aliases.length > 0 ? ` Aliases: ${aliases.map((alias) => `\`${alias}\``).join(", ")}.` : ""}`;
}

/** The help is plain text, so this escapes characters that Markdown would interpret. */
function prose(text) {
  return text
    .trim()
    .replace(/[\\`*_<>[\]#|]/g, "\\$&")
    .replace(/^(\s*)([-+]|\d+\.)(?=\s)/gm, "$1$2");
}

/** The input and its output, then the explanation, which is the last paragraph. */
function example(text, index) {
  const paragraphs = text.trim().split(/\n{2,}/);
  const remark = paragraphs.length > 1 ? paragraphs.pop() : "";
  return `### Example ${index + 1}\n\n\`\`\`\`text\n${paragraphs.join("\n\n")}\n\`\`\`\`${remark ? `\n\n${prose(remark)}` : ""}`;
}

function link(text) {
  if (/^https?:/.test(text)) return `- <${text}>`;
  return /^[A-Z]\w+-\w+$/.test(text) ? `- [${text}](${text}.md)` : `- ${text}`;
}
