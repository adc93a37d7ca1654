import { RoleError } from "../protocol/errors.ts";

/** A part of AWS with its own accounts, names and DNS. */
export interface Partition {
  /** The name used in ARNs. */
  readonly name: string;
  /** Matches the partition's regions, including future ones. */
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
  /** The default region: the one that IAM itself signs for. */
  readonly defaultRegion: string;
}

// From partitions.json, which all AWS SDKs share. It lists FIPS and dual-stack support for every partition.
export const partitions: readonly Partition[] = [
  {
    name: "aws",
    regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
    defaultRegion: "us-east-1",
  },
  {
    name: "aws-cn",
    regions: /^cn-\w+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn",
    defaultRegion: "cn-north-1",
  },
  {
    name: "aws-us-gov",
    regions: /^us-gov-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
    defaultRegion: "us-gov-west-1",
  },
  {
    name: "aws-eusc",
    regions: /^eusc-(de)-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu",
    defaultRegion: "eusc-de-east-1",
  },
  {
    name: "aws-iso",
    regions: /^us-iso-\w+-\d+$/,
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov",
    defaultRegion: "us-iso-east-1",
  },
  {
    name: "aws-iso-b",
    regions: /^us-isob-\w+-\d+$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud",
    defaultRegion: "us-isob-east-1",
  },
  {
    name: "aws-iso-e",
    regions: /^eu-isoe-\w+-\d+$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk",
    defaultRegion: "eu-isoe-west-1",
  },
  {
    name: "aws-iso-f",
    regions: /^us-isof-\w+-\d+$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov",
    defaultRegion: "us-isof-south-1",
  },
];

/** Finds a partition by its name in ARNs; undefined if the name is unknown. */
export function partition(name: string): Partition | undefined {
  return partitions.find((one) => one.name === name);
}

/**
 * Finds the partition of a known or future region. A region that matches no pattern counts as commercial, as in all AWS
 * SDKs; local AWS emulators rely on that.
 */
export function partitionOfRegion(region: string): Partition {
  // The SDKs use `aws-cn-global` and the like for a whole partition.
  const real = regionWithoutFips(region);
  const found = partitions.find((one) => one.regions.test(real) || real === `${one.name}-global`);
  return found ?? commercial;
}

/** The region of `fips-us-east-1` or `us-east-1-fips`, which older configurations name to use the FIPS endpoint. */
export function regionWithoutFips(region: string): string {
  return region.replace(/^fips-|-fips$/, "");
}

const commercial = partitions[0] as Partition;

/**
 * Validates a region before it becomes part of a host name, and returns it in lower case.
 * As in botocore, a region is one label of a host name that isn't a number.
 * @param from the origin of the text, which the error names: `-Region`, `AWS_REGION`, …
 * @throws RoleError `RegionInvalid`
 */
export function validRegion(region: string, from = "-Region"): string {
  if (!/^(?!\d+$)(?!-)(?!..--)[a-z0-9-]{1,63}(?<!-)$/i.test(region)) {
    const shown = region.length > 80 ? `${region.slice(0, 80)}…` : region;
    throw new RoleError("RegionInvalid", `'${shown}' (${from}) is not the name of a region.`, {
      target: from,
      action: "A region looks like eu-west-1: letters, digits and hyphens.",
    });
  }
  return region.toLowerCase();
}
