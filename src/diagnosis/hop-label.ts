/** How a hop is called, and what its first credentials are called. */

import type { ChainHop } from "../assume-role/chain.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import type { Context } from "../protocol/context.ts";
import type { HopOperation } from "../protocol/methods.ts";

export function operationOf({ source, hop }: ChainHop): HopOperation {
  if (source) return source.operation;
  return hop ? "AssumeRole" : "GetSessionToken";
}

/** Where the first credentials of a chain lie. */
export function sourceText({ source }: ChainHop, resolution: ResolutionContext, { environment }: Context): string {
  return source?.place(resolution, environment) ?? "";
}
