import { RoleError } from "../protocol/errors.ts";

/** A part of AWS with accounts, names and DNS of its own. */
export interface Partition {
  /** As in ARNs. */
  readonly name: string;
  /** What its regions look like, those to come included. */
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
  /** The region to call where none is configured: the one that IAM itself signs for. */
  readonly defaultRegion: string;
}

// From the partitions.json that all AWS SDKs share. It says of every partition that it supports FIPS and dual stack.
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

/** The partition of that name, as it stands in an ARN; undefined when AWS has none, or not yet. */
export function partition(name: string): Partition | undefined {
  return partitions.find((one) => one.name === name);
}

/**
 * The partition that a region lies in, known or to come. A region of no known shape counts as commercial, as in all
 * AWS SDKs: that is what local stand-ins for AWS rely on.
 */
export function partitionOfRegion(region: string): Partition {
  // `aws-cn-global` and the like are the SDKs' names for a whole partition.
  const found = partitions.find((one) => one.regions.test(region) || region === `${one.name}-global`);
  return found ?? commercial;
}

const commercial = partitions[0] as Partition;

/**
 * A region, checked before it becomes part of a host name, in lower case.
 * The rule is botocore's: one label of a host name that isn't a number.
 * @param from where the text comes from, for the error: `-Region`, `AWS_REGION`, …
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
