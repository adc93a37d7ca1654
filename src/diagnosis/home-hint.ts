import { win32 } from "node:path";
import type { Context } from "../protocol/context.ts";
import { escapeForTerminal, RoleError } from "../protocol/errors.ts";
import type { HopReport, LikelyCause } from "../protocol/methods.ts";

/**
 * On Windows the AWS CLI finds its files by `USERPROFILE` alone, while the AWS SDK for .NET and this module look at `HOME` first. Where the
 * two differ, a profile that is in one folder may be missing in the other.
 * @returns undefined where they agree, or the variables name the files
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

/** The report with the hint among its causes, where the hop failed. */
export function withHomeHint(report: HopReport, context: Context): HopReport {
  const hint = report.succeeded ? undefined : homeHint(context);
  return hint ? { ...report, causes: [...report.causes, hint] } : report;
}

/** The error for a missing profile with the hint in its action; any other error as it is. */
export function errorWithHomeHint(error: unknown, context: Context): unknown {
  if (!(error instanceof RoleError) || error.code !== "ProfileNotFound") return error;
  const hint = homeHint(context);
  if (!hint) return error;
  return new RoleError(error.code, `${error.message} ${hint.explanation}`, { ...error.details, action: hint.action });
}
