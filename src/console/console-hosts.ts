import { RoleError } from "../protocol/errors.ts";

/** The hosts of one partition's console. */
export interface ConsoleHosts {
  /** The host for signing in and switching roles. */
  readonly signin: string;
  /** The host of the console itself; regional consoles are subdomains of it. */
  readonly console: string;
}

/**
 * Returns the console hosts of a partition, as an ARN names it. The sign-in hosts come from the endpoint rule set of AWS's
 * sign-in service. The IAM User Guide also lists the commercial, Chinese and GovCloud ones.
 * @throws RoleError `ConsoleUnavailable` for an unknown partition: no link is better than a wrong one.
 */
export function consoleHosts(partition: string): ConsoleHosts {
  const hosts = Object.hasOwn(hostsByPartition, partition) ? hostsByPartition[partition] : undefined;
  if (hosts) return hosts;
  throw new RoleError("ConsoleUnavailable", `'${partition}' is not a known partition.`, {
    target: partition,
    action: `Correct the ARN or the region. The known partitions are ${Object.keys(hostsByPartition).join(", ")}.`,
  });
}

const below = (domain: string): ConsoleHosts => ({ signin: `signin.${domain}`, console: `console.${domain}` });

const hostsByPartition: Readonly<Record<string, ConsoleHosts>> = {
  aws: below("aws.amazon.com"),
  "aws-cn": below("amazonaws.cn"),
  "aws-us-gov": below("amazonaws-us-gov.com"),
  // The European Sovereign Cloud has a single region and only a regional sign-in host.
  "aws-eusc": { signin: "eusc-de-east-1.signin.amazonaws-eusc.eu", console: "console.amazonaws-eusc.eu" },
  "aws-iso": below("c2shome.ic.gov"),
  "aws-iso-b": below("sc2shome.sgov.gov"),
  "aws-iso-e": below("csphome.adc-e.uk"),
  "aws-iso-f": below("csphome.hci.ic.gov"),
};
