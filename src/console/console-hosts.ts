import { RoleError } from "../protocol/errors.ts";

/** The hosts of one partition's console. */
export interface ConsoleHosts {
  /** Where one signs in and switches roles. */
  readonly signin: string;
  /** The console itself; regional ones are below it. */
  readonly console: string;
}

/**
 * The console of a partition, as it stands in an ARN. Sign-in hosts are those of the endpoint rule set of AWS's sign-in
 * service; the commercial, Chinese and GovCloud ones are in the IAM User Guide too.
 * @throws RoleError `ConsoleUnavailable` for a partition whose console nobody has told of: no link is better than a wrong one.
 */
export function consoleHosts(partition: string): ConsoleHosts {
  const hosts = Object.hasOwn(hostsByPartition, partition) ? hostsByPartition[partition] : undefined;
  if (hosts) return hosts;
  throw new RoleError("ConsoleUnavailable", `The console of the partition '${partition}' is not known.`, {
    target: partition,
    action: `Correct the ARN or the region; known are ${Object.keys(hostsByPartition).join(", ")}.`,
  });
}

const below = (domain: string): ConsoleHosts => ({ signin: `signin.${domain}`, console: `console.${domain}` });

const hostsByPartition: Readonly<Record<string, ConsoleHosts>> = {
  aws: below("aws.amazon.com"),
  "aws-cn": below("amazonaws.cn"),
  "aws-us-gov": below("amazonaws-us-gov.com"),
  // The sovereign cloud has one region, and no sign-in host above it.
  "aws-eusc": { signin: "eusc-de-east-1.signin.amazonaws-eusc.eu", console: "console.amazonaws-eusc.eu" },
  "aws-iso": below("c2shome.ic.gov"),
  "aws-iso-b": below("sc2shome.sgov.gov"),
  "aws-iso-e": below("csphome.adc-e.uk"),
  "aws-iso-f": below("csphome.hci.ic.gov"),
};
