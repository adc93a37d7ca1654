import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { type Configuration, type Configured, configuredFlag, firstVariable } from "./configured.ts";

export interface UrlSources extends Configuration {
  /** `-EndpointUrl`. */
  readonly explicitUrl?: string | undefined;
  readonly shared: Pick<SharedConfig, "services">;
}

/**
 * Returns the endpoint URL configured for a service, validated; undefined means AWS's own endpoint.
 * Order: the explicit URL, `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's `services` section, the profile's
 * `endpoint_url`. When configured URLs are ignored, only the explicit URL counts
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 * @throws RoleError `EndpointInvalid`, `SettingInvalid`
 */
export function configuredUrl(service: string, sources: UrlSources): { url: URL; from: string } | undefined {
  const found = findUrl(service, sources);
  return found && { url: validEndpointUrl(found), from: found.from };
}

function findUrl(service: string, sources: UrlSources): Configured | undefined {
  const { explicitUrl, settings, environment } = sources;
  if (explicitUrl !== undefined) return { value: explicitUrl, from: "-EndpointUrl" };
  if (configuredFlag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignoreConfiguredEndpointUrls", sources)) return undefined;

  const serviceKey = service.replaceAll("-", "_");
  const ofEnvironment = firstVariable(environment, `AWS_ENDPOINT_URL_${serviceKey.toUpperCase()}`, "AWS_ENDPOINT_URL");
  if (ofEnvironment) return ofEnvironment;
  const ofService = servicesSection(settings, sources.shared)?.get(serviceKey)?.endpointUrl;
  if (ofService) return { value: ofService, from: `${settingKeys.endpointUrl} of ${serviceKey} in [services]` };
  return settings.endpointUrl ? { value: settings.endpointUrl, from: settingKeys.endpointUrl } : undefined;
}

function servicesSection({ services: name }: Settings, shared: UrlSources["shared"]) {
  if (!name) return undefined;
  const section = shared.services(name);
  if (!section) {
    // Fail rather than fall back to AWS: the user may mean another cloud.
    throw new RoleError("EndpointInvalid", `The profile names [services ${name}], which is not in the config file.`, {
      target: name,
      action: `Add the section [services ${name}] to the config file, or remove '${settingKeys.services}' from the profile.`,
    });
  }
  return section;
}

/** The error never shows the URL, because a URL with `user:password@` contains a secret. */
function validEndpointUrl({ value, from }: Configured): URL {
  const fault = faultOf(value);
  if (fault) {
    throw new RoleError("EndpointInvalid", `The endpoint URL from ${from} ${fault}.`, {
      target: from,
      action: "An endpoint URL looks like https://sts.eu-west-1.amazonaws.com or http://127.0.0.1:4566.",
    });
  }
  return new URL(value);
}

function faultOf(value: string): string | undefined {
  // URL parsers disagree about spaces, control characters and backslashes, and a valid URL contains none of them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(value)) return "has a character that a URL cannot have";
  if (!/^https?:\/\/[^/]/i.test(value)) return "does not begin with https:// or http:// and a host";
  if (!URL.canParse(value)) return "is not a URL";
  const url = new URL(value);
  if (url.username || url.password) return "has a user name or password in it";
  if (value.includes("#")) return "has a fragment (#)";
  if (value.includes("?")) return "has a query (?)";
  // The URL parser drops an empty userinfo. The remaining @ can disguise the real host.
  if (/^https?:\/\/[^/]*@/i.test(value)) return "has an @ before its host";
  return undefined;
}
