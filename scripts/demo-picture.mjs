// node scripts/demo-picture.mjs: runs `npm start` and writes what the terminal shows to docs/demo.svg.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputOf, root } from "./project.mjs";

const lineHeight = 18;
const characterWidth = 8;

const stdout = outputOf(process.execPath, [join(root, "scripts", "start.mjs")]);
// The build writes before the first step. The last line is a note to the reader.
const lines = stdout.slice(stdout.indexOf("# ")).trimEnd().split("\n").slice(0, -1);
writeFileSync(join(root, "docs", "demo.svg"), picture(withoutEmptyPairs(lines)));

function withoutEmptyPairs(lines) {
  return lines.map((line) => line.trimEnd()).filter((line, at, all) => line !== "" || all[at - 1] !== "");
}

function picture(lines) {
  const width = 32 + characterWidth * Math.max(...lines.map((line) => line.length));
  const height = 28 + lineHeight * lines.length;
  const texts = lines.map((line, at) => text(line, 26 + lineHeight * at)).filter(Boolean);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>RoleCredentials assumes a role in PowerShell</title>
<rect width="${width}" height="${height}" rx="8" fill="#1e1e1e"/>
<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" fill="#d4d4d4">
${texts.join("\n")}
</g>
</svg>
`;
}

function text(line, y) {
  if (line === "") return "";
  const color = line.startsWith("#") ? ' fill="#6a9955"' : line.startsWith("PS>") ? ' fill="#dcdcaa"' : "";
  const length = line.length * characterWidth;
  // SVG collapses ordinary spaces.
  const shown = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(" ", "\u00a0");
  return `<text x="16" y="${y}"${color} textLength="${length}">${shown}</text>`;
}
