/** Types of handlers, and functions that handlers of several nouns share. */
import type { ResolutionContext } from "../../assume-role/resolution-context.ts";
import type { Context } from "../../protocol/context.ts";
import { RoleError } from "../../protocol/errors.ts";
import type { UsedRole } from "../../protocol/history-messages.ts";
import type { Method, Methods } from "../../protocol/methods.ts";
import type { Core } from "../core.ts";

export type Handlers = {
  readonly [M in Method]: (
    params: Methods[M]["params"],
    context: Context,
  ) => Methods[M]["result"] | Promise<Methods[M]["result"]>;
};

/** The handlers of the methods that begin with a noun. */
export type HandlersOf<Noun extends string> = Pick<Handlers, Extract<Method, `${Noun}/${string}`>>;

/** Runs an invocation's work, then ends the invocation, unless it still waits for an MFA code. */
export async function endInvocation<Result>(
  core: Core,
  { invocationId }: ResolutionContext,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await work();
    core.forget(invocationId);
    return result;
  } catch (error) {
    if (!(error instanceof RoleError) || error.code !== "MfaRequired") core.forget(invocationId);
    throw error;
  }
}

/** A role's entry for the history. */
export function usedRole(
  roleArn: string,
  { profileName, sourceProfile, sourceGiven, region }: Partial<UsedRole>,
): Omit<UsedRole, "lastUsed"> {
  return {
    roleArn,
    ...(profileName !== undefined && { profileName }),
    ...(sourceProfile !== undefined && { sourceProfile }),
    ...(sourceGiven && { sourceGiven }),
    ...(region !== undefined && { region }),
  };
}

/** Returns the list, or an empty list if it cannot be read. For optional suggestions. */
export function orNone<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch {
    return [];
  }
}
