/** Names for a hop and for the source of a chain. */

import type { ChainHop } from "../assume-role/chain.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import type { Context } from "../protocol/context.ts";
import type { HopOperation } from "../protocol/diagnosis-messages.ts";

export function operationOf({ source, hop }: ChainHop): HopOperation {
  if (source) return source.operation;
  return hop ? "AssumeRole" : "GetSessionToken";
}

/** The location of the first credentials of a chain. */
export function sourceText({ source }: ChainHop, resolution: ResolutionContext, { environment }: Context): string {
  return source?.place(resolution, environment) ?? "";
}
