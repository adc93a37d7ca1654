import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function endpointHandlers(core: Core): HandlersOf<"endpoint"> {
  return {
    async "endpoint/open"({ request, current }, context) {
      const [{ openCredentialsEndpoint }, { servedRole, settingVariables }] = await Promise.all([
        import("../credentials-endpoint.ts"),
        import("../served-role.ts"),
      ]);
      // The endpoint outlives this request.
      const controller = new AbortController();
      const lasting = { ...context, signal: controller.signal, say: () => {} };
      const obtain = servedRole(request, current, core, lasting);
      const variables = settingVariables(core, context);
      const endpoint = await openCredentialsEndpoint(obtain);
      const close = () => {
        endpoint.close();
        controller.abort();
      };
      core.endpoints.set(endpoint.url, { close });
      if (context.signal.aborted) core.closeEndpoint(endpoint.url);
      return { url: endpoint.url, token: endpoint.token, variables };
    },

    "endpoint/close"({ url }) {
      core.closeEndpoint(url);
      return {};
    },
  };
}
