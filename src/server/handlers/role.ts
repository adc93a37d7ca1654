import { planRequest } from "../../assume-role/plan-request.ts";
import { useRole } from "../../assume-role/use-role.ts";
import type { Context } from "../../protocol/context.ts";
import type { UseRoleParams, UseRoleResult } from "../../protocol/role-messages.ts";
import type { Core } from "../core.ts";
import { endInvocation, type HandlersOf, usedRole } from "./handler.ts";

export function roleHandlers(core: Core): HandlersOf<"role"> {
  return {
    async "role/use"(params, context) {
      const resolution = core.resolution(params, context);
      const result = await endInvocation(core, resolution, () => useRole(params, resolution, context));
      noteUsed(core, params, result, context);
      return result;
    },

    async "role/test"(params, context) {
      const resolution = core.resolution(params, context);
      try {
        const { testHop } = await import("../../diagnosis/test-role.ts");
        const report = await testHop(params, resolution, core.state(params.invocationId), context);
        if (report.last && report.error?.id !== "MfaRequired") core.forget(params.invocationId);
        return report;
      } catch (error) {
        core.forget(params.invocationId);
        throw error;
      }
    },

    "role/abandon"({ invocationId }) {
      core.forget(invocationId);
      return {};
    },

    async "role/refresh"(params, context) {
      const { refreshArguments } = await import("../../assume-role/refresh-request.ts");
      return {
        arguments: refreshArguments(params, planRequest(params, core.resolution(params, context), context), context),
      };
    },
  };
}

function noteUsed(core: Core, params: UseRoleParams, result: UseRoleResult, context: Context): void {
  // All roles of one invocation count as one use. The part of the id before the slash identifies the invocation.
  const [use] = params.invocationId?.split("/") ?? [];
  const { sourceGiven = false } = params;
  if (result.roleArn !== undefined)
    core.history.note(usedRole(result.roleArn, { ...result, sourceGiven }), context, use);
}
