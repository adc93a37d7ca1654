import { configured, configuredFlag, configuredWord } from "./configured.ts";
import { configuredUrl, type UrlSources } from "./configured-url.ts";
import { type Partition, partitionOfRegion, regionWithoutFips, validRegion } from "./partitions.ts";

/** AWS's service id in lower case with hyphens; the listed ones have special rules. */
export type ServiceId = "iam" | "sts" | "sso" | "sso-oidc" | "signin" | (string & {});

export interface EndpointSources extends UrlSources {
  /** From {@link resolveRegion}. */
  readonly region: string;
}

export interface Endpoint {
  readonly url: URL;
  /** The region to sign for, which may differ from the region called. */
  readonly signingRegion: string;
}

/**
 * Resolves the endpoint of a service for one hop, with the settings of the profile that makes the call.
 * The rules come from the endpoint rule sets that the AWS SDKs share.
 * @throws RoleError `EndpointInvalid` for an invalid URL; `SettingInvalid`, `RegionInvalid`
 */
export function resolveEndpoint(service: ServiceId, sources: EndpointSources): Endpoint {
  const named = validRegion(sources.region);
  const region = regionWithoutFips(named);
  const partition = partitionOfRegion(region);
  const fips = configuredFlag("AWS_USE_FIPS_ENDPOINT", "useFipsEndpoint", sources) || region !== named;
  const dualStack = configuredFlag("AWS_USE_DUALSTACK_ENDPOINT", "useDualstackEndpoint", sources);
  // Pseudo-regions such as `aws-global` appear neither in host names nor in signatures.
  const isGlobal = region === `${partition.name}-global` || service === "iam";
  const regionOrDefault = isGlobal ? partition.defaultRegion : region;

  const custom = configuredUrl(service, sources);
  // A custom URL overrides FIPS and dual stack, as in the AWS CLI: it already names the host.
  if (custom) return { url: custom.url, signingRegion: regionOrDefault };

  if (service === "sts" && !fips && !dualStack && isGlobalSts(region, sources)) {
    return { url: new URL("https://sts.amazonaws.com"), signingRegion: "us-east-1" };
  }
  const host = hostOf(service, regionOrDefault, partition, { fips, dualStack });
  return { url: new URL(`https://${host}`), signingRegion: regionOrDefault };
}

/** The URL of an operation at an endpoint, which may have a path of its own. */
export function operationUrl({ href }: URL, path: string): URL {
  return new URL(`${href.replace(/\/+$/, "")}${path}`);
}

// The regions that STS had before AWS introduced opt-in regions. The list is closed.
const legacyStsRegions = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);

function isGlobalSts(region: string, sources: EndpointSources): boolean {
  const found = configured("AWS_STS_REGIONAL_ENDPOINTS", "stsRegionalEndpoints", sources);
  const legacy = found !== undefined && configuredWord(found, ["legacy", "regional"]) === "legacy";
  return region === "aws-global" || (legacy && legacyStsRegions.has(region));
}

interface Variant {
  readonly fips: boolean;
  readonly dualStack: boolean;
}

const hostPrefixes: Readonly<Record<string, string>> = { sso: "portal.sso", "sso-oidc": "oidc" };

// Sign-In uses the console's domains, except for FIPS and dual stack.
const signinDomains: Readonly<Record<string, string>> = {
  aws: "signin.aws.amazon.com",
  "aws-cn": "signin.amazonaws.cn",
  "aws-us-gov": "signin.amazonaws-us-gov.com",
};

/** In other partitions, IAM's host names the region that it signs for. */
const globalIam: Readonly<Record<string, { readonly plain: string; readonly dualStack: string }>> = {
  aws: { plain: ".amazonaws.com", dualStack: ".global.api.aws" },
  "aws-us-gov": { plain: ".us-gov.amazonaws.com", dualStack: ".us-gov.api.aws" },
};

function hostOf(service: ServiceId, region: string, partition: Partition, { fips, dualStack }: Variant): string {
  const signinDomain = service === "signin" && !fips && !dualStack && signinDomains[partition.name];
  if (signinDomain) return `${region}.${signinDomain}`;

  if (service === "iam" && globalIam[partition.name] !== undefined) {
    const isFipsAlready = partition.name !== "aws";
    const name = dualStack ? globalIam[partition.name]?.dualStack : globalIam[partition.name]?.plain;
    return `iam${fips && !isFipsAlready ? "-fips" : ""}${name}`;
  }
  const prefix = hostPrefixes[service] ?? service;
  // In GovCloud the standard endpoints of these services are the FIPS endpoints.
  const plainIsFips = partition.name === "aws-us-gov" && !dualStack && service !== "signin";
  const suffix = dualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  return `${prefix}${fips && !plainIsFips ? "-fips" : ""}.${region}.${suffix}`;
}
