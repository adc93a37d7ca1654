import { RoleError } from "../protocol/errors.ts";
import { consoleHosts } from "./console-hosts.ts";

/**
 * The page of the console to land on: a URL of that partition's console, a path in it (`ec2/home#Instances:`), or, when
 * nothing is given, its home; in the region, where one is known.
 * @throws RoleError `DestinationInvalid` for any other place: a signed-in browser is not to be sent there.
 */
export function consoleDestination(wanted: string | undefined, partition: string, region: string | undefined): string {
  const { console: host } = consoleHosts(partition);
  const home = `https://${region === undefined ? "" : `${region}.`}${host}/`;
  if (wanted === undefined || wanted === "") {
    return region === undefined ? `${home}console/home` : `${home}console/home?region=${region}`;
  }
  // What URL parsers disagree about, and what browsers strip: neither belongs in a page's address.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(wanted))
    throw invalid(wanted, host, "has a character that a URL cannot have");
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(wanted);
  const url = isUrl ? parsed(wanted) : parsed(`${home}${wanted.replace(/^\/+/, "")}`);
  if (!url) throw invalid(wanted, host, "is neither a URL nor a path");
  if (url.protocol !== "https:") throw invalid(wanted, host, "is not an https URL");
  if (url.username || url.password || url.port) throw invalid(wanted, host, "has more than a host before its path");
  if (url.hostname !== host && !url.hostname.endsWith(`.${host}`))
    throw invalid(wanted, host, "is not in that console");
  return url.href;
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function invalid(wanted: string, host: string, why: string): RoleError {
  return new RoleError("DestinationInvalid", `The destination '${wanted.slice(0, 200)}' ${why}.`, {
    target: "-Destination",
    action: `Give a page of https://${host}/, or its path, such as ec2/home.`,
  });
}
