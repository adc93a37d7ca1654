import { RoleError } from "../protocol/errors.ts";
import { roleNameInvalid } from "../protocol/role-arn.ts";
import { consoleHosts } from "./console-hosts.ts";

export interface SwitchedRole {
  readonly partition: string;
  /** Twelve digits, or the account's alias. */
  readonly account: string;
  /** With its path, without a leading slash: `ops/ci/Deployer`. */
  readonly roleName: string;
  readonly displayName?: string | undefined;
  /** The result of {@link checkColor}. */
  readonly color?: string | undefined;
}

/** The maximum length of path and name: the console stores them in a cookie of this many characters. */
const longestConsoleRole = 64;

/**
 * Returns the link that opens the console's Switch Role page, filled in. The IAM User Guide documents its form in "Switch to a role
 * (console)". Users of the link sign in with their own identity, so it contains no secret.
 * @throws RoleError `ConsoleUnavailable`, `AccountIdInvalid`, `RoleNameInvalid`, `DisplayNameInvalid`
 */
export function switchRoleLink({ partition, account, roleName, displayName, color }: SwitchedRole): string {
  const parameters = [
    ["account", checkAccount(account)],
    ["roleName", checkConsoleRole(roleName)],
    ["displayName", displayName === undefined ? undefined : checkDisplayName(displayName)],
    ["color", color],
  ] as const;
  const query = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escaped(value)}`]));
  return `https://${consoleHosts(partition).signin}/switchrole?${query.join("&")}`;
}

/** Accepts an account id, or an alias by IAM's rules: 3 to 63 of a-z, 0-9 and single hyphens between them. */
function checkAccount(account: string): string {
  if (/^\d{12}$/.test(account) || (/^(?!\d+$)[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(account) && account.length <= 63))
    return account;
  throw new RoleError("AccountIdInvalid", `'${account}' is neither an account id nor an account alias.`, {
    target: account,
    action: "An account id has twelve digits; an alias has 3 to 63 of a-z, 0-9 and hyphens.",
  });
}

function checkConsoleRole(roleName: string): string {
  const plain = roleName.replace(/^\//, "");
  if (plain.length > longestConsoleRole) {
    throw new RoleError("RoleNameInvalid", `'${plain}' is too long for the console's Switch Role page.`, {
      target: plain,
      action: `The page accepts a path and name of up to ${longestConsoleRole} characters. Pass -SignIn, which has no such limit.`,
    });
  }
  if (/^(?:[!-.0-~]+\/)*[A-Za-z0-9_+=,.@-]{1,64}$/.test(plain)) return plain;
  throw roleNameInvalid(plain);
}

/**
 * Validates the name that the console shows in its navigation bar while the role is active: 1 to 64 characters.
 * @throws RoleError `DisplayNameInvalid`
 */
function checkDisplayName(displayName: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  if (displayName.trim() !== "" && [...displayName].length <= 64 && !/[\u0000-\u001f\u007f-\u009f]/.test(displayName)) {
    return displayName;
  }
  throw new RoleError(
    "DisplayNameInvalid",
    "The display name is empty, longer than 64 characters, or contains a control character.",
    {
      target: "-DisplayName",
      action: "Pass a name of 1 to 64 characters.",
    },
  );
}

/** The colors that the Switch Role page offers, by the names it uses. */
export const consoleColors: Readonly<Record<string, string>> = {
  red: "F2B0A9",
  orange: "FBBF93",
  yellow: "FAD791",
  green: "B7CA9D",
  blue: "99BCE3",
};

/**
 * Returns a color in the form that the console expects, six hexadecimal digits, from such digits with or without `#` or from a name.
 * @throws RoleError `ColorInvalid`
 */
export function checkColor(color: string): string {
  const name = color.toLowerCase();
  if (Object.hasOwn(consoleColors, name)) return consoleColors[name] as string;
  const [, digits] = /^#?([0-9a-f]{6})$/i.exec(color) ?? [];
  if (digits !== undefined) return digits.toUpperCase();
  throw new RoleError("ColorInvalid", `'${color.slice(0, 40)}' is not a color.`, {
    target: "-Color",
    action: `Pass six hexadecimal digits (F2B0A9), or ${Object.keys(consoleColors).join(", ")}.`,
  });
}

// Keep the slashes of a path readable: a query needs no escape for them.
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/");
}
