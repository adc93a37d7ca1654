import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { httpRequest } from "./http-request.ts";
import type { Send } from "./request-with-retries.ts";
import { transport } from "./transport.ts";

/** How a source's own requests travel: with the proxy and the certificates of its profile. Nothing is loaded before the first one. */
export function sendOver(settings: Settings, context: Context): Send {
  return async (request) => {
    const { agent } = await transport(request.url, settings, context);
    return httpRequest({ ...request, agent });
  };
}
