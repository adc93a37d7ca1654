import { RoleError } from "../protocol/errors.ts";
import { consoleHosts } from "./console-hosts.ts";
import { servicePage } from "./services.ts";

/**
 * Returns the URL of the console page to open: a URL of the partition's console, a path in it (`ec2/home#Instances:`), the home page of
 * a service (`ec2`), or by default the home page. All but a URL use the region, if one is known.
 * @throws RoleError `DestinationInvalid` for any other site, because the link opens a signed-in browser.
 */
export function consoleDestination(wanted: string | undefined, partition: string, region: string | undefined): string {
  const { console: host } = consoleHosts(partition);
  const home = `https://${region === undefined ? "" : `${region}.`}${host}/`;
  if (wanted === undefined || wanted === "") {
    return region === undefined ? `${home}console/home` : `${home}console/home?region=${region}`;
  }
  const service = servicePage(wanted, region);
  if (service) return `${service.isGlobal ? `https://${host}/` : home}${service.path}`;
  // URL parsers disagree about these characters, or browsers strip them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(wanted))
    throw invalid(wanted, host, "has a character that is not allowed in a URL");
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(wanted);
  const url = isUrl ? parsed(wanted) : parsed(`${home}${wanted.replace(/^\/+/, "")}`);
  if (!url) throw invalid(wanted, host, "is neither a URL nor a path");
  if (url.protocol !== "https:") throw invalid(wanted, host, "is not an https URL");
  if (url.username || url.password || url.port) throw invalid(wanted, host, "has a user name, a password or a port");
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
    action: `Pass a service, such as ec2, a page of https://${host}/, or its path, such as ec2/home#Instances:.`,
  });
}
