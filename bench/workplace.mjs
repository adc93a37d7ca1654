// A home for each tool with the same profiles, the environment that each tool needs, and the list of installed tools.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildAwsSdkModule, findPowerShell } from "../scripts/powershell.mjs";
import { offline, root, sha256Of } from "../scripts/project.mjs";
import { removeFolder } from "../scripts/remove-folder.mjs";

const keys =
  "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0000\n";

export const options = parseArgs({
  options: { quick: { type: "boolean", default: false }, rounds: { type: "string" }, node: { type: "string" } },
}).values;
/** The Node to measure. */
export const nodePath = options.node === undefined ? process.execPath : resolve(options.node);

export const folder = mkdtempSync(join(tmpdir(), "role-credentials-bench-"));
export const core = join(folder, "module", "core", "role-credentials.cjs");
/** How PowerShell starts the core: cmdlets/Core/CoreStart.cs. */
export const coreFlags = ["--max-semi-space-size=1"];
export const manifest = join(folder, "module", "RoleCredentials.psd1");

/** A copy of the build, so that edits during the run don't affect it. */
export function copyModule() {
  cpSync(join(root, "module"), join(folder, "module"), { recursive: true, preserveTimestamps: true });
}

/** Creates a home and returns its path. Each tool has its own home, so it never finds another tool's cache. */
export function makeHome(name) {
  const home = join(folder, name);
  mkdirSync(join(home, ".aws"), { recursive: true });
  writeFileSync(join(home, ".aws", "credentials"), `[base]\n${keys}`, { mode: 0o600 });
  writeFileSync(
    join(home, ".aws", "config"),
    "[profile base]\nregion = eu-west-1\n\n[profile prod]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = base\nrole_session_name = bench\n",
  );
  return home;
}

/** Deletes only the cached credentials in a home. */
export function forget(home) {
  for (const path of [join(home, ".aws", "cli", "cache"), join(home, ".aws", "role-credentials", "cache")])
    rmSync(path, { recursive: true, force: true });
}

/** A tool's environment variables: none of the caller's AWS settings, and no extra certificates for Node to read at every start. */
export function environmentOf(home, url, caFile) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_|.*_CA_BUNDLE$|.*PROXY$)/i.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    AWS_ENDPOINT_URL_STS: url,
    AWS_EC2_METADATA_DISABLED: "true",
    ...offline,
    NO_COLOR: "1",
    ROLE_CREDENTIALS_NODE: nodePath,
    ...(caFile && { AWS_CA_BUNDLE: caFile }),
  };
}

/** The tools to compare. A missing tool is reported by name. */
export function findPeers() {
  const missing = [];
  const aws = versionOf("aws", ["--version"], /aws-cli\/([\d.]+)/);
  if (!aws) missing.push("AWS CLI (aws is not on PATH)");
  const python = ["python3", "python"].find((name) => versionOf(name, ["-c", "import boto3"], /^/) !== undefined);
  const boto3 = python && versionOf(python, ["-c", "import boto3; print(boto3.__version__)"], /([\d.]+)/);
  if (!boto3) missing.push("boto3 (python3 cannot import it)");
  let sdk;
  try {
    sdk = dirname(buildAwsSdkModule("4"));
  } catch (error) {
    missing.push(`AWS SDK for .NET (${String(error.message).split("\n")[0]})`);
  }
  const powershell = findPowerShell();
  const packages = JSON.parse(readFileSync(join(root, "node_modules", "@smithy", "core", "package.json"), "utf8"));
  return {
    aws,
    exportCredentials: aws !== undefined && !/^1\./.test(aws),
    python,
    boto3,
    sdk,
    powershell,
    missing,
    versions: {
      RoleCredentials: `${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version} (core ${sha256Of(core).slice(0, 8)})`,
      "Node.js": versionOf(nodePath, ["--version"], /v(.*)/),
      PowerShell: powershell.version,
      ...(aws && { "AWS CLI": aws }),
      ...(boto3 && { boto3 }),
      ...(sdk && { "AWS SDK for .NET": sdkVersion() }),
      "AWS SDK for JavaScript, @smithy/core": packages.version,
    },
  };
}

export function machine() {
  const [processor] = cpus();
  return `${process.platform} ${process.arch}, ${cpus().length} × ${processor?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB`;
}

/** A folder's size in bytes. */
export function sizeOf(path) {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath ?? entry.path, entry.name)).length, 0);
}

function sdkVersion() {
  const project = readFileSync(join(root, "test", "powershell", "aws-sdk-module", "SandboxAwsTools.csproj"), "utf8");
  return /SecurityToken" Version="\[?(4[\d.]*)/.exec(project)?.[1] ?? "4";
}

function versionOf(command, args, pattern) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) return undefined;
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? "";
}

export function cleanUp() {
  removeFolder(folder);
}
