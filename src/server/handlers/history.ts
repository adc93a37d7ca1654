import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function historyHandlers(core: Core): HandlersOf<"history"> {
  return {
    async "history/list"(_, context) {
      await core.history.flush();
      const { listRoles } = await import("../../history/role-history.ts");
      return { roles: listRoles(context) };
    },

    async "history/clear"({ roleArn, whatIf }, context) {
      await core.history.flush();
      core.history.forgetWritten();
      const { forgetRoles } = await import("../../history/role-history.ts");
      return { roles: await forgetRoles(roleArn, context, { dryRun: whatIf ?? false }) };
    },
  };
}
