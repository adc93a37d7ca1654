import type { Core } from "../core.ts";
import { type HandlersOf, orNone } from "./handler.ts";

export function completionHandlers(core: Core): HandlersOf<"completion"> {
  return {
    async "completion/list"(params, context) {
      await core.history.flush();
      const { completionsFor } = await import("../../completion/completions.ts");
      const { listRoles } = await import("../../history/role-history.ts");
      // The cmdlets that need a broken file report it. Completion does not.
      const profiles = () => core.shared(params.profileLocation, context).profiles();
      const sources = {
        profiles: () => orNone(profiles),
        ssoSessions: () => orNone(() => core.shared(params.profileLocation, context).ssoSessions()),
        listedRoles: (session: string) => core.listedRoles.of(session, context.environment),
        history: () => orNone(() => listRoles(context)),
        environment: context.environment,
      };
      return { completions: completionsFor(params, sources) };
    },
  };
}
