import { type Configuration, configured, configuredWord } from "../network/configured.ts";
import type { Environment } from "../protocol/context.ts";
import { variable } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

/** How to call the instance metadata service. */
export interface MetadataService {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly attempts: {
    /** Maximum attempts without a response. */
    readonly unanswered: number;
    /** Maximum attempts while the service is busy or failing. */
    readonly busy: number;
  };
}

const endpoints = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };

/** Whether the user disabled the instance metadata service. */
export function metadataDisabled(environment: Environment): boolean {
  return variable(environment, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true";
}

/**
 * Reads the service's settings from the environment, else from the profile. As in botocore, the default is one attempt of one
 * second, because every machine outside EC2 wastes that second. A busy response proves that the instance is real, and then
 * we make up to four attempts.
 * @throws RoleError `EndpointInvalid`, `SettingInvalid`
 */
export function metadataService(configuration: Configuration): MetadataService {
  const attempts = configuredNumber("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadataServiceNumAttempts", 100);
  const seconds = configuredNumber("AWS_METADATA_SERVICE_TIMEOUT", "metadataServiceTimeout", 3600);
  return {
    endpoint: endpointOf(configuration),
    timeoutMs: (seconds ?? 1) * 1000,
    attempts: { unanswered: attempts ?? 1, busy: attempts ?? 4 },
  };

  function configuredNumber(
    variable: string,
    setting: "metadataServiceNumAttempts" | "metadataServiceTimeout",
    most: number,
  ): number | undefined {
    const found = configured(variable, setting, configuration);
    if (!found) return undefined;
    const value = /^\d{1,4}$/.test(found.value.trim()) ? Number(found.value) : 0;
    if (value >= 1 && value <= most) return value;
    throw new RoleError(
      "SettingInvalid",
      `${found.from} is '${found.value.slice(0, 80)}', which is not a valid number.`,
      {
        target: found.from,
        action: `Set ${found.from} to a number from 1 to ${most}, or remove it.`,
      },
    );
  }
}

function endpointOf(configuration: Configuration): string {
  const endpoint = configured("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2MetadataServiceEndpoint", configuration);
  // botocore's order: an explicit endpoint overrides the choice between AWS's two.
  if (endpoint) return checkedEndpoint(endpoint.value.trim(), endpoint.from);
  const mode = configured("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2MetadataServiceEndpointMode", configuration);
  return endpoints[mode ? configuredWord(mode, ["ipv4", "ipv6"]) : "ipv4"];
}

function checkedEndpoint(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (url && plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new RoleError("EndpointInvalid", `${from} is not a plain http or https address.`, {
    target: from,
    action: `Set ${from} to an address like ${endpoints.ipv4}, or remove it.`,
  });
}
