import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { httpRequest } from "./http-request.ts";
import type { Send } from "./request-with-retries.ts";
import { transport } from "./transport.ts";

/** Sends a source's own requests with its profile's proxy and certificates. Loads the transport with the first request. */
export function sendOver(settings: Settings, context: Context): Send {
  return async (request) => {
    const { agent } = await transport(request.url, settings, context);
    return httpRequest({ ...request, agent });
  };
}
