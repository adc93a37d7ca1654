import type { ChainHop } from "../assume-role/chain.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { escapeForTerminal, type RoleError } from "../protocol/errors.ts";
import type { CallerIdentity, Likelihood, LikelyCause } from "../protocol/methods.ts";
import type { Assumption } from "./policy-statements.ts";

/** A hop that failed, and all that is known of it. */
export interface FailedHop {
  readonly error: RoleError;
  readonly chainHop: ChainHop;
  readonly shared: SharedConfig;
  /** The region that the call was signed for. */
  readonly region?: string;
  /** The credentials that STS refused, where it did. */
  readonly refused?: Credentials;
  /** Of an AssumeRole: who called, and with what. */
  readonly call?: FailedAssumption;
}

export interface FailedAssumption {
  readonly caller: ChainHop;
  readonly identity: CallerIdentity;
  /** Whether the caller's credentials are a session's. */
  readonly temporary: boolean;
  readonly assumption: Assumption;
}

/** An error that tells its cause itself. */
export function asItIs(error: RoleError): LikelyCause {
  return cause(error.code, "Certain", error.message, error.details.action ?? "");
}

export function cause(id: string, likelihood: Likelihood, explanation: string, action: string): LikelyCause {
  return { id, likelihood, explanation: escapeForTerminal(explanation), action: escapeForTerminal(action) };
}
