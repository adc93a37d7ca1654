/** One handler for each method of the protocol, grouped by noun. A method without a handler does not compile. */
import type { Core } from "./core.ts";
import { cacheHandlers } from "./handlers/cache.ts";
import { completionHandlers } from "./handlers/completion.ts";
import { consoleHandlers } from "./handlers/console.ts";
import { endpointHandlers } from "./handlers/endpoint.ts";
import type { Handlers } from "./handlers/handler.ts";
import { historyHandlers } from "./handlers/history.ts";
import { identityHandlers } from "./handlers/identity.ts";
import { identityCenterHandlers } from "./handlers/identity-center.ts";
import { keyHandlers } from "./handlers/key.ts";
import { loginHandlers } from "./handlers/login.ts";
import { profileHandlers } from "./handlers/profile.ts";
import { roleHandlers } from "./handlers/role.ts";
import { signInHandlers } from "./handlers/sign-in.ts";

export function createHandlers(core: Core): Handlers {
  return {
    "core/ping": () => ({}),
    ...cacheHandlers(core),
    ...completionHandlers(core),
    ...consoleHandlers(core),
    ...endpointHandlers(core),
    ...historyHandlers(core),
    ...identityHandlers(core),
    ...identityCenterHandlers(core),
    ...loginHandlers(core),
    ...keyHandlers(core),
    ...profileHandlers(core),
    ...roleHandlers(core),
    ...signInHandlers(core),
  };
}
