import { settingKeys } from "../profiles/settings.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { RoleArn } from "../protocol/role-arn.ts";
import type { Configuration, Configured } from "./configured.ts";
import { partition, partitionOfRegion, partitions, validRegion } from "./partitions.ts";

export interface RegionSources extends Configuration {
  /** `-Region`. */
  readonly explicit?: string | undefined;
  /** The role to assume: its partition must be that of the region. */
  readonly role?: RoleArn | undefined;
  /** Asks instance metadata, last of all; undefined where there is none. */
  readonly instanceRegion?: (() => Promise<string | undefined>) | undefined;
}

/**
 * The region that a hop calls: the one given, else the profile's, `AWS_REGION`, `AWS_DEFAULT_REGION`, that of the EC2
 * instance, else the default of the role's partition (`us-east-1`). The order is that of AWS Tools for PowerShell; the
 * settings are those of the profile that makes the call.
 * @throws RoleError `RegionInvalid`; `PartitionMismatch` when the role lies in another part of AWS than the region
 */
export async function resolveRegion(sources: RegionSources): Promise<string> {
  const configured = configuredRegion(sources);
  if (configured !== undefined) return configured;

  // Nobody chose the instance's region for this role, so one that doesn't fit is no error.
  const home = sources.role && rolePartition(sources.role);
  const instanceRegion = await sources.instanceRegion?.();
  if (instanceRegion) {
    const region = validRegion(instanceRegion, "instance metadata");
    if (!home || home === partitionOfRegion(region)) return region;
  }
  return home?.defaultRegion ?? "us-east-1";
}

/**
 * The region that the caller, the profile or the environment chose; undefined when none of them did. Calls nobody, so that a wrong
 * region is refused whether or not the answer is cached.
 * @throws RoleError `RegionInvalid`, `PartitionMismatch`
 */
export function configuredRegion(sources: Omit<RegionSources, "instanceRegion">): string | undefined {
  const home = sources.role && rolePartition(sources.role);
  const found = namedRegion(sources);
  if (!found) return undefined;
  const region = validRegion(found.value, found.from);
  if (home && home !== partitionOfRegion(region)) throw partitionMismatch(sources.role, home, region, found.from);
  return region;
}

/** The region of the caller's environment: `AWS_REGION`, which all SDKs know, then `AWS_DEFAULT_REGION`, the AWS CLI's own. */
export function regionOfEnvironment(environment: Environment): Configured | undefined {
  for (const from of ["AWS_REGION", "AWS_DEFAULT_REGION"] as const) {
    const value = environment[from];
    if (value) return { value, from };
  }
  return undefined;
}

function namedRegion({ explicit, settings, environment }: Omit<RegionSources, "instanceRegion">) {
  // An empty variable is how a shell unsets one; an empty -Region is a mistake in a script, and is said so.
  if (explicit !== undefined) return { from: "-Region", value: explicit };
  if (settings.region) return { from: settingKeys.region, value: settings.region };
  return regionOfEnvironment(environment);
}

function rolePartition(role: RoleArn) {
  const found = partition(role.partition);
  // A stand-in for AWS may call its partition as it likes.
  if (!found && /^aws(-|$)/.test(role.partition)) {
    throw new RoleError("PartitionMismatch", `'${role.partition}' in ${role.text} is no partition of AWS.`, {
      target: role.text,
      action: `Correct the ARN; the partitions are ${partitions.map((one) => one.name).join(", ")}.`,
    });
  }
  return found;
}

function partitionMismatch(role: RoleArn | undefined, home: { defaultRegion: string }, region: string, from: string) {
  return new RoleError(
    "PartitionMismatch",
    `The role lies in the partition ${role?.partition}, but the region ${region} (${from}) lies in ${partitionOfRegion(region).name}.`,
    {
      ...(role && { target: role.text }),
      action: `Pass -Region with a region of ${role?.partition} (as ${home.defaultRegion}), or correct the role's ARN.`,
    },
  );
}
