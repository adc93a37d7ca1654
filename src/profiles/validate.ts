import { isKeyText, isSecretKeyShaped } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import { allowedName } from "./section.ts";
import { type Setting, settingKeys } from "./settings.ts";

/**
 * Refuses a profile name that some AWS tool misreads: characters other than `A-Za-z0-9_-/.%@:+`, members of `Object.prototype`, `DEFAULT`
 * (which botocore merges into all profiles), and names that the SDK for JavaScript reads as `[sso-session NAME]` or `[services NAME]`.
 * @throws RoleError `ProfileNameInvalid`
 */
export function validateProfileName(name: string): void {
  const why = whyNotName(name);
  if (why === undefined) return;
  throw new RoleError("ProfileNameInvalid", `'${name}' cannot be the name of a profile: ${why}.`, {
    target: name,
    action: "Choose a name of letters, digits and _ - / . % @ : +",
  });
}

function whyNotName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (!allowedName.test(name)) return "some AWS tools do not read its characters";
  if (name in Object.prototype) return "the AWS SDK for JavaScript cannot read it";
  if (name === "DEFAULT") return "the AWS CLI applies it to every profile";
  if (/^(?:sso-session|services)\./.test(name)) return "the AWS SDK for JavaScript reads it as another section";
  return undefined;
}

/**
 * Refuses a value that AWS tools read differently. The error never quotes the value, which may be a secret.
 * @throws RoleError `ValueRefused`
 */
export function validateValue(setting: Setting, value: string, platform: NodeJS.Platform): void {
  const why =
    keySettings.has(setting) && !isKeyText(value) && value !== ""
      ? "it holds characters other than printable ASCII"
      : setting === "accessKeyId" && isSecretKeyShaped(value)
        ? "it looks like a secret key"
        : whyNotValue(value, platform);
  if (why === undefined) return;
  throw new RoleError("ValueRefused", `The value for ${settingKeys[setting]} is refused: ${why}.`, {
    target: settingKeys[setting],
    action: "Give a value that every AWS tool reads the same way. Nothing was changed.",
  });
}

const keySettings: ReadonlySet<Setting> = new Set(["accessKeyId", "secretAccessKey", "sessionToken"]);

// The white space that any version of JavaScript, Python or .NET trims.
const blank = String.raw`[\s\u0085\u180e\u200b-\u200d\u2060\ufeff]`;
const untrimmed = new RegExp(`^${blank}|${blank}$`, "u");
const comment = new RegExp(`(?:^|${blank})[#;]`, "u");

function whyNotValue(value: string, platform: NodeJS.Platform): string | undefined {
  if (value === "") return "it is empty";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return "it holds a line break or another control character";
  if (!value.isWellFormed()) return "it holds half a character";
  if (untrimmed.test(value)) return "it begins or ends with white space";
  if (comment.test(value)) return "it holds # or ; at its beginning or after white space, which starts a comment";
  // On Windows, Python reads these files in the code page of the system and fails on some bytes.
  if (platform === "win32" && /[^ -~]/.test(value))
    return "it holds characters beyond ASCII, which the AWS CLI misreads on Windows";
  return undefined;
}
