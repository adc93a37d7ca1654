import type { ChainHop } from "../assume-role/chain.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Credentials } from "../protocol/credentials.ts";
import type { Likelihood, LikelyCause } from "../protocol/diagnosis-messages.ts";
import type { RoleError } from "../protocol/errors.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import type { Assumption } from "./policy-statements.ts";

/** A failed hop with its context. */
export interface FailedHop {
  readonly error: RoleError;
  readonly chainHop: ChainHop;
  readonly shared: SharedConfig;
  /** The signing region of the call. */
  readonly region?: string;
  /** The credentials that STS refused, if it did. */
  readonly refused?: Credentials;
  /** For AssumeRole: the caller and the request. */
  readonly call?: FailedAssumption;
}

export interface FailedAssumption {
  readonly caller: ChainHop;
  readonly identity: CallerIdentity;
  /** Whether the caller's credentials are temporary. */
  readonly temporary: boolean;
  readonly assumption: Assumption;
}

/** The cause for an error that explains itself. */
export function causeFromError(error: RoleError): LikelyCause {
  return cause(error.code, "Certain", error.message, error.details.action ?? "");
}

export function cause(id: string, likelihood: Likelihood, explanation: string, action: string): LikelyCause {
  return { id, likelihood, explanation: escapeForTerminal(explanation), action: escapeForTerminal(action) };
}
