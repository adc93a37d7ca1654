/** The command line. Other AWS tools run it as their `credential_process`; scripts use it to export credentials. */
import { useRole } from "../assume-role/use-role.ts";
import { keysMissing } from "../credentials/keychain-keys.ts";
import type { Context } from "../protocol/context.ts";
import { processOutput } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams, UseRoleResult, WireCredentials } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import type { Core } from "../server/core.ts";
import { exportFormat, exportFormats } from "./export-formats.ts";
import { forCommandLine, misused, paramsOf, readOptions, usage } from "./options.ts";

export interface Outcome {
  readonly output: string;
  readonly complaint: string;
  readonly exitCode: number;
}

/** Prompts at the terminal for the code of an MFA device. Undefined if there is no terminal or no input. */
export type AskMfaCode = (mfaSerial: string, mfaProblem?: string) => string | undefined;

/** Runs one command. Reads only its arguments and the context, and prints nothing. */
export async function runCommand(
  args: readonly string[],
  core: Core,
  context: Context,
  askMfaCode: AskMfaCode = () => undefined,
): Promise<Outcome> {
  try {
    const [command, ...rest] = args;
    if (command === "--help" || command === "-h" || command === "help") return ok(usage());
    if (command === "--version") return ok(`${VERSION}\n`);
    if (command !== "credential-process" && command !== "export") throw misused(`Unknown command '${command}'.`);
    const options = readOptions(rest);
    if (options.help) return ok(usage());
    const format = command === "export" ? exportFormat(options.format)?.write : writeProcessOutput;
    if (!format) throw misused(`--format must be one of ${Object.keys(exportFormats).join(", ")}.`);
    if (options.keychain !== undefined) {
      if (options.request !== undefined || Object.keys(options.values).length > 0)
        throw misused("--keychain cannot be combined with other options.");
      return ok(format(await keysOf(options.keychain, core, context)));
    }
    const isRequest = options.request !== undefined;
    const asked = isRequest ? await requested(options.request ?? "", context) : { params: paramsOf(options), context };
    const ask = isRequest ? () => undefined : askMfaCode;
    return ok(format(await useRoleAsking(asked.params, core, asked.context, ask)));
  } catch (error) {
    if (!(error instanceof RoleError)) throw error;
    return { output: "", complaint: complaintOf(error), exitCode: error.code === "RequestInvalid" ? 2 : 1 };
  }
}

/** Uses the role, and prompts once for the code of each device that the chain needs. */
async function useRoleAsking(
  given: UseRoleParams,
  core: Core,
  context: Context,
  ask: AskMfaCode,
): Promise<UseRoleResult> {
  let params = given;
  for (;;) {
    try {
      return await useRole(params, core.resolution(params, context), context);
    } catch (error) {
      const { mfaSerial, mfaProblem } = error instanceof RoleError && error.code === "MfaRequired" ? error.details : {};
      if (mfaSerial === undefined || params.tokenCodes?.[mfaSerial] !== undefined) throw error;
      const code = ask(mfaSerial, mfaProblem);
      if (!code) throw error;
      params = { ...params, tokenCodes: { ...params.tokenCodes, [mfaSerial]: code } };
    }
  }
}

function complaintOf({ message, code, details }: RoleError): string {
  const texts = [message, ...(details.action ? [escapeForTerminal(details.action)] : [])];
  // A text of Node or AWS may end without a full stop, and another sentence follows.
  const sentences = texts.map((text) =>
    forCommandLine(text)
      .trimEnd()
      .replace(/(?<![.!?])$/, "."),
  );
  return `role-credentials: ${code}: ${sentences.join(" ")}\n`;
}

function writeProcessOutput(credentials: WireCredentials): string {
  return `${processOutput(credentials)}\n`;
}

function ok(output: string): Outcome {
  return { output, complaint: "", exitCode: 0 };
}

/** The keys that a profile's own `credential_process` line names. */
async function keysOf(accessKeyId: string, core: Core, context: Context): Promise<WireCredentials> {
  const keys = await core.keychain.read(accessKeyId, context);
  if (!keys) throw keysMissing(accessKeyId, "the command");
  return keys;
}

/** The request that `Use-Role -AutoRefresh` passes through the AWS SDK. */
async function requested(word: string, context: Context): Promise<{ params: UseRoleParams; context: Context }> {
  const { readRefreshRequest } = await import("../assume-role/refresh-request.ts");
  return readRefreshRequest(word, context);
}
