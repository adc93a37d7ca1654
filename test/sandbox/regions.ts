/** AWS's partitions with their regions. A signature must name one of them, and a key is valid only in its own partition. */
const regionsByPartition: Readonly<Record<string, readonly string[]>> = {
  aws: [
    ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"],
    ...["eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2"],
    ...["eu-west-3", "af-south-1", "il-central-1", "me-central-1", "me-south-1", "ap-east-1", "ap-east-2"],
    ...["ap-south-1", "ap-south-2"],
    ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
    ...["ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
  "aws-eusc": ["eusc-de-east-1"],
  "aws-iso": ["us-iso-east-1", "us-iso-west-1"],
  "aws-iso-b": ["us-isob-east-1", "us-isob-west-1"],
  "aws-iso-e": ["eu-isoe-west-1"],
  "aws-iso-f": ["us-isof-east-1", "us-isof-south-1"],
};

const partitionByRegion = new Map(
  Object.entries(regionsByPartition).flatMap(([partition, regions]) => regions.map((region) => [region, partition])),
);

/** The partition of a region, or undefined for a region that AWS does not have. */
export function partitionOfRegion(region: string): string | undefined {
  return partitionByRegion.get(region);
}

/** The region of one of AWS's STS host names, or undefined for other hosts, such as loopback. */
export function regionOfStsHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (name === "sts.amazonaws.com") return "us-east-1";
  return /^sts(?:-fips)?\.([a-z0-9-]+)\.[a-z.]+$/.exec(name)?.[1];
}
