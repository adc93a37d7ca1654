import { win32 } from "node:path";
import type { Context } from "../protocol/context.ts";
import type { HopReport, LikelyCause } from "../protocol/diagnosis-messages.ts";
import { RoleError } from "../protocol/errors.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";

/**
 * On Windows the AWS CLI finds its files by `USERPROFILE` only, while the AWS SDK for .NET and this module use `HOME` first. If the two
 * differ, a profile in one folder may be missing from the other.
 * @returns undefined if they agree, or if variables name the files
 */
export function homeHint({ environment, platform }: Context): LikelyCause | undefined {
  const { HOME, USERPROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = environment;
  if (platform !== "win32" || !HOME || !USERPROFILE || (AWS_CONFIG_FILE && AWS_SHARED_CREDENTIALS_FILE))
    return undefined;
  if (win32.resolve(HOME).toLowerCase() === win32.resolve(USERPROFILE).toLowerCase()) return undefined;
  return {
    id: "HomeDiffers",
    likelihood: "Possible",
    explanation: escapeForTerminal(
      `The profiles are read from HOME (${HOME}); the AWS CLI reads those of USERPROFILE (${USERPROFILE}).`,
    ),
    action: "Remove HOME, or name the files with AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.",
  };
}

/** Adds the hint to the causes of a failed hop. */
export function withHomeHint(report: HopReport, context: Context): HopReport {
  const hint = report.succeeded ? undefined : homeHint(context);
  return hint ? { ...report, causes: [...report.causes, hint] } : report;
}

/** Adds the hint to the error for a missing profile. Returns any other error unchanged. */
export function errorWithHomeHint(error: unknown, context: Context): unknown {
  if (!(error instanceof RoleError) || error.code !== "ProfileNotFound") return error;
  const hint = homeHint(context);
  if (!hint) return error;
  return new RoleError(error.code, `${error.message} ${hint.explanation}`, { ...error.details, action: hint.action });
}
