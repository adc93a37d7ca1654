import { isAbsolute } from "node:path";
import type { Profile } from "../profiles/shared-config.ts";
import { type ProfileProgram, programFailed, runProfileProgram, tryItYourself } from "../programs/profile-program.ts";
import { guardAgainstCycles } from "../programs/program-cycle.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { NoCredentialsInJson, parseJsonObject, readCredentials } from "../protocol/credentials-json.ts";
import { secretVaultKeyOf } from "../vault/secret-vault-line.ts";
import { type ExpiryRule, refuseExpired } from "./expired.ts";
import { uncachedProvider } from "./provider.ts";
import type { ProfileKind, Source } from "./source.ts";

export const credentialProcess: ProfileKind = {
  isIn: (settings) => settings.credentialProcess !== undefined,
  selectedBy: ["credentialProcess"],
  noun: "a credential process",
  label: (settings) => (secretVaultKeyOf(settings.credentialProcess) ? "vault" : "credential process"),
  sourceOf: processSource,
};

export interface CredentialProcessOptions extends ExpiryRule {
  /** In milliseconds. */
  readonly timeoutMs?: number;
}

function processSource(profile: Profile): Source {
  const label = `the credential_process of profile ${profile.name}`;
  return {
    operation: "CredentialProcess",
    profile,
    summary: label,
    place: () => `credential_process of profile ${profile.name}`,
    // We cannot know this before the program runs.
    isTemporary: () => false,
    provider: ({ resolution, context, rule }) =>
      uncachedProvider(
        label,
        ["process", profile.settings.credentialProcess, directoryFor(profile, context)],
        (during) =>
          fromCredentialProcess(guardAgainstCycles(programOf(profile), resolution.files, during), profile, rule),
      ),
  };
}

/** A relative path selects a different program in each directory, so the directory is part of the identity. */
function directoryFor({ settings }: Profile, { workingDirectory }: Context): string | undefined {
  const [program = ""] = /[^\s"']+/.exec(settings.credentialProcess ?? "") ?? [];
  return /[\\/]/.test(program) && !isAbsolute(program) ? workingDirectory : undefined;
}

/**
 * Runs a profile's `credential_process` and parses its output: JSON with `Version` 1, as in the AWS CLI.
 * @throws RoleError `CredentialProcessFailed`, `CredentialsExpired`, `Cancelled`
 */
export async function fromCredentialProcess(
  context: Context,
  profile: Profile,
  options: CredentialProcessOptions = {},
): Promise<Credentials> {
  const output = await runProfileProgram(context, programOf(profile), options.timeoutMs);
  return refuseExpired(
    context,
    parseOutput(profile, output),
    {
      subject: `The credential_process of profile '${profile.name}'`,
      target: profile.name,
      action: "Sign in again with the program in credential_process.",
    },
    options,
  );
}

function parseOutput(profile: Profile, output: string): Credentials {
  try {
    const members = parseJsonObject(output);
    if (members.get("Version") !== 1) throw new NoCredentialsInJson("has no Version 1");
    const credentials = readCredentials(members, { token: "SessionToken", temporary: false });
    const accountId = credentials.accountId ?? profile.settings.accountId;
    return accountId ? { ...credentials, accountId } : credentials;
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw programFailed(
      programOf(profile),
      `The output of its credential_process ${error.message}.`,
      tryItYourself(programOf(profile)),
    );
  }
}

function programOf({ name, settings }: Profile): ProfileProgram {
  return { profileName: name, setting: "credentialProcess", commandLine: settings.credentialProcess ?? "" };
}
