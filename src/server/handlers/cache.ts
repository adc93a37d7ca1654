import { planProfile } from "../../assume-role/plan.ts";
import { cliKeyOf } from "../../assume-role/role-provider.ts";
import type { ClearTarget } from "../../cache/cache-request.ts";
import { RoleError } from "../../protocol/errors.ts";
import type { Core } from "../core.ts";
import { type HandlersOf, orNone } from "./handler.ts";

export function cacheHandlers(core: Core): HandlersOf<"cache"> {
  return {
    "cache/clear"({ profileName, roleArn }, context) {
      const clear = (target: ClearTarget) => ({ removed: core.cache(context).clear(target, context) });
      if (roleArn !== undefined && profileName !== undefined) {
        throw new RoleError("ParameterConflict", "-RoleArn and -ProfileName do not go together.", {
          target: "-RoleArn",
          action: "Use one of them.",
        });
      }
      if (roleArn !== undefined) return clear({ roleArn });
      if (profileName === undefined) return clear({ all: true });
      // The profile's roles identify the entries that only the AWS CLI fetched, if the profile still exists.
      const shared = core.shared(undefined, context);
      const cliKeys = orNone(() => planProfile(profileName, shared, context.environment).hops.map(cliKeyOf));
      return clear({ profileName, cliKeys });
    },
  };
}
