import type { BrowserContainer } from "../protocol/console-messages.ts";
import { RoleError } from "../protocol/errors.ts";

/** The colors and icons of Firefox's containers: its WebExtensions API `contextualIdentities` has no others. */
export const containerColors = ["blue", "turquoise", "green", "yellow", "orange", "red", "pink", "purple"] as const;
export const containerIcons = [
  "fingerprint",
  "briefcase",
  "dollar",
  "cart",
  "circle",
  "gift",
  "vacation",
  "food",
  "fruit",
  "pet",
  "tree",
  "chill",
] as const;

const longestName = 100;

/**
 * Returns a link that opens another link in a Firefox container, in the form that Granted's extension reads:
 * https://github.com/common-fate/granted-firefox-extension, `opener/parser.ts`. The extension creates a container that is missing.
 * @throws RoleError `ContainerInvalid`
 */
export function containerLink(link: string, container: BrowserContainer): string {
  const { name, color, icon } = container;
  checkContainer(container);
  const parameters = Object.entries({ name, url: link, color, icon });
  const query = parameters.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return `ext+granted-containers:${query.join("&")}`;
}

/** @throws RoleError `ContainerInvalid` */
export function checkContainer({ name, color, icon }: BrowserContainer): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  if (name.trim() === "" || [...name].length > longestName || /[\u0000-\u001f\u007f-\u009f]/.test(name)) {
    throw new RoleError(
      "ContainerInvalid",
      "The name of the container is empty, too long, or has a control character.",
      {
        target: "-Container",
        action: `Pass a name of 1 to ${longestName} characters.`,
      },
    );
  }
  checkChoice("a color", "-ContainerColor", color, containerColors);
  checkChoice("an icon", "-ContainerIcon", icon, containerIcons);
}

function checkChoice(what: string, parameter: string, given: string | undefined, known: readonly string[]): void {
  if (given === undefined || known.includes(given)) return;
  throw new RoleError("ContainerInvalid", `'${given.slice(0, 40)}' is not ${what} of Firefox containers.`, {
    target: parameter,
    action: `Choose one of ${known.join(", ")}.`,
  });
}
