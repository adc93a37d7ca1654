import type { Environment } from "../context.ts";
import { type Settings, settingKeys } from "../files/settings.ts";
import { RoleError } from "../protocol/errors.ts";
import { variable } from "./environment.ts";

/** How the instance metadata service is to be asked. */
export interface MetadataService {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly attempts: {
    /** In all, while nobody answers. */
    readonly unanswered: number;
    /** In all, while it answers that it is busy or broken. */
    readonly busy: number;
  };
}

const endpoints = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };

/** Whether the user forbids asking the instance metadata service. */
export function metadataDisabled(environment: Environment): boolean {
  return variable(environment, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true";
}

/**
 * The service that the environment, or else the profile, describes. By default it is given a second and one attempt,
 * as in botocore, because that second is lost on every machine that is not an EC2 instance; but where something
 * answers that it is busy, the instance is real and up to four attempts are made.
 * @throws RoleError `EndpointInvalid`, `ValueRefused`
 */
export function metadataService(environment: Environment, settings: Settings): MetadataService {
  const attempts = numberFrom("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadataServiceNumAttempts", {
    most: 100,
    whole: true,
  });
  const seconds = numberFrom("AWS_METADATA_SERVICE_TIMEOUT", "metadataServiceTimeout", { most: 3600, whole: false });
  return {
    endpoint: endpointFrom(environment, settings),
    timeoutMs: (seconds ?? 1) * 1000,
    attempts: { unanswered: attempts ?? 1, busy: attempts ?? 4 },
  };

  function numberFrom(
    name: string,
    setting: "metadataServiceNumAttempts" | "metadataServiceTimeout",
    limits: { most: number; whole: boolean },
  ): number | undefined {
    const fromEnvironment = variable(environment, name);
    const text = fromEnvironment ?? settings[setting];
    if (!text) return undefined;
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value <= limits.most && (!limits.whole || Number.isInteger(value))) return value;
    const target = fromEnvironment === undefined ? settingKeys[setting] : name;
    throw new RoleError("ValueRefused", `${target} is '${text}', which is no number from 1 to ${limits.most}.`, {
      target,
      action: "Correct or remove it.",
    });
  }
}

function endpointFrom(environment: Environment, settings: Settings): string {
  const endpoint = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? settings.ec2MetadataServiceEndpoint;
  if (endpoint) return checkedEndpoint(endpoint);

  const mode =
    variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") ?? settings.ec2MetadataServiceEndpointMode;
  const known = mode?.toLowerCase() || "ipv4";
  if (known === "ipv4" || known === "ipv6") return endpoints[known];
  throw new RoleError("EndpointInvalid", `'${mode}' is not a mode of the instance metadata endpoint.`, {
    target: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    action: `Set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE or ${settingKeys.ec2MetadataServiceEndpointMode} to IPv4 or IPv6.`,
  });
}

function checkedEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (url && plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new RoleError("EndpointInvalid", "The endpoint of instance metadata is not a plain http or https address.", {
    target: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    action: `Set AWS_EC2_METADATA_SERVICE_ENDPOINT or ${settingKeys.ec2MetadataServiceEndpoint} to one like ${endpoints.ipv4}.`,
  });
}
