import { callerIdentity } from "../../diagnosis/caller-identity.ts";
import { readSharedConfig } from "../../profiles/read.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function identityHandlers(core: Core): HandlersOf<"identity"> {
  return {
    "identity/get": (params, context) => callerIdentity(params, core.resolution(params, context), context),

    async "identity/describe"(_, context) {
      const { describeIdentity } = await import("../../diagnosis/describe-identity.ts");
      return describeIdentity({ shared: readSharedConfig(core.locations(undefined, context)) }, context);
    },
  };
}
