/** What handlers are, and what those of several nouns need. */
import type { ResolutionContext } from "../../assume-role/hop-provider.ts";
import type { Context } from "../../protocol/context.ts";
import { isRoleError } from "../../protocol/envelope.ts";
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

/** Does the work of an invocation and ends the invocation, unless an MFA code is still to come. */
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
    if (!isRoleError(error) || error.code !== "MfaRequired") core.forget(invocationId);
    throw error;
  }
}

/** A role as the history notes it. */
export function usedRole(roleArn: string, profileName?: string, region?: string) {
  return { roleArn, ...(profileName !== undefined && { profileName }), ...(region !== undefined && { region }) };
}

/** What a convenience offers; nothing where it cannot be read. */
export function orNone<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch {
    return [];
  }
}
