import { callerIdentity } from "../../assume-role/caller-identity.ts";
import { describeIdentity } from "../../assume-role/describe-identity.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function identityHandlers(core: Core): HandlersOf<"identity"> {
  return {
    "identity/get": (params, context) => callerIdentity(params, core.resolution(params, context), context),

    "identity/describe": (_, context) => describeIdentity({ shared: core.shared(undefined, context) }, context),
  };
}
