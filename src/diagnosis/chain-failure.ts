/** Errors that are a finding about a chain, and how a report shows them. */
import type { HopReport, TestRoleParams } from "../protocol/diagnosis-messages.ts";
import { RoleError } from "../protocol/errors.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import { causeFromError } from "./failed-hop.ts";

/** Reports a chain that cannot be built, because the files contradict themselves. */
export function brokenChain(thrown: unknown, params: TestRoleParams, number: number): HopReport {
  const error = finding(thrown);
  const { target } = error.details;
  const given = params.roleArn ?? params.roleName;
  const namedByCommand = target !== undefined && target === (params.sourceProfile ?? (given && params.profileName));
  if (impossible.has(error.code) || (error.code === "SourceProfileNotFound" && namedByCommand)) throw error;
  const profileName = target ?? params.profileName;
  return {
    number,
    last: true,
    operation: "Profile",
    hop: escapeForTerminal(profileName === undefined ? "the default source" : `profile ${profileName}`),
    ...(profileName !== undefined && { profileName: escapeForTerminal(profileName) }),
    cached: false,
    succeeded: false,
    ...failure(error),
    causes: [causeFromError(error)],
  };
}

const impossible: ReadonlySet<string> = new Set([
  "AccountIdInvalid",
  "ParameterConflict",
  "ProfileNotFound",
  "RequestInvalid",
  "RoleNameInvalid",
]);

/** Returns an error about the chain. Rethrows an error of the request or of the core. */
export function finding(thrown: unknown): RoleError {
  if (!(thrown instanceof RoleError)) throw thrown;
  const { code, details } = thrown;
  if (code === "Cancelled" || code === "InternalError") throw thrown;
  if (details.target === "-Region" || details.target === "-EndpointUrl") throw thrown;
  return thrown;
}

/** The members of a report that describe an error. */
export function failure(error: RoleError): Pick<HopReport, "error" | "clockSkewSeconds"> {
  const { mfaSerial, mfaProblem, clockSkewSeconds } = error.details;
  return {
    error: {
      id: error.code,
      message: error.message,
      ...(mfaSerial !== undefined && { mfaSerial: escapeForTerminal(mfaSerial) }),
      ...(mfaProblem !== undefined && { mfaProblem: escapeForTerminal(mfaProblem) }),
    },
    ...(clockSkewSeconds !== undefined && { clockSkewSeconds }),
  };
}
