/** Takes an MFA code for a call: one that the request brings, else one that the profile's `mfa_process` prints. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isOwn } from "../platform/folder-owner.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { type ProfileProgram, programFailed, runProfileProgram, tryItYourself } from "../programs/profile-program.ts";
import { guardAgainstCycles } from "../programs/program-cycle.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { mfaRequired } from "./mfa-codes.ts";
import type { ResolutionContext } from "./resolution-context.ts";

export interface MfaDevice {
  readonly mfaSerial: string;
  /** The program that prints the device's code. */
  readonly program?: ProfileProgram | undefined;
}

/** The first of these profiles that has an `mfa_process` for the device that its `mfa_serial` names. */
export function mfaProgramOf(mfaSerial: string, ...profiles: (Profile | undefined)[]): ProfileProgram | undefined {
  const found = profiles.find((profile) => profile?.settings.mfaSerial === mfaSerial && profile.settings.mfaProcess);
  const commandLine = found?.settings.mfaProcess;
  return found && commandLine ? { profileName: found.name, setting: "mfaProcess", commandLine } : undefined;
}

/**
 * Makes a call with a code. The program is tried once; if its code does not work, the user is asked.
 * @throws RoleError `MfaRequired`, with the program's problem if it was tried; what `call` throws
 */
export async function withMfaCode<Answer>(
  { mfaSerial, program }: MfaDevice,
  about: { readonly hop: string; readonly target: string },
  resolution: Pick<ResolutionContext, "mfaCodes" | "files">,
  context: Context,
  call: (code: string) => Promise<Answer>,
): Promise<Answer> {
  const { mfaCodes } = resolution;
  if (!program || mfaCodes.has(mfaSerial) || !mfaCodes.tryProgram(mfaSerial)) {
    return call(mfaCodes.take(mfaSerial, about.hop, about.target));
  }
  const ask = (problem: string) => mfaRequired({ ...about, mfaSerial, mfaProblem: problem });
  let code: string;
  try {
    refuseForeignFiles(program, resolution, context);
    const output = await runProfileProgram(guardAgainstCycles(program, resolution.files, context), program);
    code = codeIn(output, program);
  } catch (error) {
    if (!(error instanceof RoleError) || error.code === "Cancelled") throw error;
    throw ask(`${error.message} ${error.details.action ?? ""}`.trim());
  }
  try {
    return await call(code);
  } catch (error) {
    if (!(error instanceof RoleError) || error.code !== "MfaCodeRejected") throw error;
    throw ask(
      `AWS rejected the code that the mfa_process of profile '${program.profileName}' printed. A code works once, for half a minute.`,
    );
  }
}

function codeIn(output: string, program: ProfileProgram): string {
  const code = output.trim();
  if (/^[0-9]{6}$/.test(code)) return code;
  throw programFailed(
    program,
    "Its mfa_process printed something other than six digits.",
    `It must print only the code, as 'ykman oath accounts code --single NAME' does. ${tryItYourself(program)}`,
  );
}

/**
 * AWS tools ignore `mfa_process`, so a program in a file that another user wrote would be a surprise. A file of root is accepted.
 * @throws RoleError `MfaProcessFailed`
 */
function refuseForeignFiles(
  program: ProfileProgram,
  { files }: Pick<ResolutionContext, "files">,
  { platform }: Pick<Context, "platform">,
): void {
  if (platform === "win32") return;
  for (const file of [files.config, files.credentials]) {
    const status = file === undefined ? undefined : statSync(file, { bigint: true, throwIfNoEntry: false });
    if (file === undefined || !status) continue;
    const isOthers = !(status.uid === 0n || isOwn(status, dirname(file))) || (status.mode & 0o002n) !== 0n;
    if (isOthers) {
      throw new RoleError(
        "MfaProcessFailed",
        `The mfa_process of profile '${program.profileName}' does not run, because another user can write '${file}'.`,
        {
          target: file,
          action: "Make yourself the owner of the file, and remove the write permission of others (chmod o-w).",
        },
      );
    }
  }
}
