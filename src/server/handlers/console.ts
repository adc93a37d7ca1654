import { profilesOf } from "../../assume-role/use-role.ts";
import type { Core } from "../core.ts";
import { endInvocation, type HandlersOf, orNone, usedRole } from "./handler.ts";

export function consoleHandlers(core: Core): HandlersOf<"console"> {
  return {
    async "console/switch-role"(params, context) {
      const { switchRole } = await import("../../console/open-console.ts");
      const shared = core.shared(params.profileLocation, context);
      const { listRoles } = await import("../../history/role-history.ts");
      await core.history.flush();
      // Reuse the role's last display name and color.
      const sources = { shared, history: orNone(() => listRoles(context)) };
      const { link, roleArn, displayName, color } = switchRole(params, sources, context);
      const { profileName } = params;
      const profile = profileName === undefined ? {} : { profileName };
      const look = { ...(displayName !== undefined && { displayName }), ...(color !== undefined && { color }) };
      if (roleArn !== undefined) core.history.note({ ...usedRole(roleArn, profile), ...look }, context);
      return { link };
    },

    async "console/sign-in"(params, context) {
      const resolution = core.resolution(params, context);
      const { signIn } = await import("../../console/open-console.ts");
      const { link, roleArn } = await endInvocation(core, resolution, () => signIn(params, resolution, context));
      const { sourceGiven = false } = params;
      const role = { ...profilesOf(params), sourceGiven };
      if (roleArn !== undefined) core.history.note(usedRole(roleArn, role), context);
      return { link };
    },
  };
}
