// Names the classes of an assembly as their cmdlets: PowerShell ends the id of a cmdlet's error in the name of its class, and C# has no class
// named Use-Role. See docs/decisions/0002. Arguments: the assembly, and the folder with a file for each cmdlet.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const [path, folder] = process.argv.slice(2);
const bytes = readFileSync(path);
for (const file of readdirSync(folder)) {
  const command = file.replace(/\.cs$/, "");
  const name = Buffer.from(`\0${command.replace("-", "_")}\0`);
  const place = bytes.indexOf(name);
  // It may have been named at an earlier build, when nothing was compiled since.
  if (place < 0 && bytes.includes(`\0${command}\0`)) continue;
  if (place < 0 || bytes.indexOf(name, place + 1) >= 0)
    throw new Error(`There is not one class for ${command} in ${path}.`);
  bytes.write(`\0${command}\0`, place, "latin1");
}
writeFileSync(path, bytes);
