import { operationUrl, resolveEndpoint } from "../network/endpoint.ts";
import type { Send } from "../network/request-with-retries.ts";
import { sendOver } from "../network/send-over.ts";
import { ssoCacheDirectory } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";

/** The two services of IAM Identity Center, and where the AWS CLI keeps what they return. */
export interface SsoServices {
  /** `~/.aws/sso/cache`, absolute. */
  readonly tokenDirectory: string;
  /** Returns a service's endpoint in the region of the sign-in. Called on demand. */
  readonly endpoint: (service: "sso" | "sso-oidc", region: string) => URL;
  readonly send: Send;
}

/** @param settings those of the profile that makes the calls; none for a sign-in without a profile */
export function ssoServices(settings: Settings, shared: SharedConfig, context: Context): SsoServices {
  const { environment } = context;
  return {
    tokenDirectory: ssoCacheDirectory(context),
    endpoint: (service, region) => resolveEndpoint(service, { settings, shared, region, environment }).url,
    send: sendOver(settings, context),
  };
}

/** Calls an operation at a path of a service's endpoint. */
export function serviceUrl(services: SsoServices, service: "sso" | "sso-oidc", region: string, path: string): URL {
  return operationUrl(services.endpoint(service, region), path);
}
