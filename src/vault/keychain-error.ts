import { type ErrorCode, RoleError } from "../protocol/errors.ts";
import { redact } from "../protocol/redact.ts";

export interface KeychainCall {
  readonly platform: NodeJS.Platform;
  readonly target: string;
  /** Secrets of the call, which no message may contain. */
  readonly secrets: readonly (string | undefined)[];
}

interface Cause {
  readonly code: ErrorCode;
  /** The library reports every failure with the same code, so only the system's text distinguishes them. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly action: string;
}

const useFile = "Or keep the keys in the credentials file: omit -Vault.";

const causes: Partial<Record<NodeJS.Platform, readonly Cause[]>> = {
  linux: [
    {
      code: "KeychainUnavailable",
      pattern:
        /DBUS_SESSION_BUS_ADDRESS|autolaunch|dbus.*(?:connect|socket)|failed to connect|No such file or directory/i,
      what: "There is no D-Bus session, through which Linux reaches the keychain",
      action: `Start PowerShell in a desktop session or with dbus-run-session. ${useFile}`,
    },
    {
      code: "KeychainUnavailable",
      pattern: /ServiceUnknown|not provided by any|NameHasNoOwner|ServiceNotFound|Spawn/i,
      what: "No keychain (Secret Service) runs in this session",
      action: `Install and start gnome-keyring, KWallet or KeePassXC. ${useFile}`,
    },
    {
      code: "KeychainUnavailable",
      pattern: /no result found/i,
      what: "The keychain has no default collection yet",
      action: "Create a keyring with its program, such as Passwords and Keys (seahorse), and make it the default.",
    },
    {
      code: "KeychainLocked",
      pattern: /prompt was dismissed|locked|no answer in/i,
      what: "The keychain is locked, and was not unlocked",
      action: "Unlock it with its program or by signing in to the desktop, and try again.",
    },
  ],
  darwin: [
    {
      code: "KeychainLocked",
      pattern: /interaction is not allowed|-25308|locked|no answer in/i,
      what: "The keychain is locked, or this session cannot ask for its password",
      action: "Run security unlock-keychain in this session, and try again.",
    },
    {
      code: "KeychainLocked",
      pattern: /cancel|-128|passphrase you entered|-25293|denied/i,
      what: "Access to the keychain was refused",
      action: "Try again, and allow node to use the entry RoleCredentials.",
    },
    {
      code: "KeychainUnavailable",
      pattern: /keychain could not be found|-25294|-25307|no default keychain|not available/i,
      what: "There is no default keychain",
      action: `Create one with Keychain Access. ${useFile}`,
    },
  ],
  win32: [
    {
      code: "KeychainUnavailable",
      pattern: /logon session|1312/i,
      what: "This session has no Credential Manager, as in a remote session or a service",
      action: `Sign in to Windows interactively. ${useFile}`,
    },
  ],
};

/** Converts the library's error to a RoleError. */
export function keychainError(error: unknown, { platform, target, secrets }: KeychainCall): RoleError {
  const message = redact(error instanceof Error ? error.message : String(error), secrets);
  const cause = causes[platform]?.find(({ pattern }) => pattern.test(message)) ?? other;
  return new RoleError(cause.code, `${cause.what} (${message}).`, { target, action: cause.action, cause: error });
}

const other: Omit<Cause, "pattern"> = {
  code: "KeychainFailed",
  what: "The keychain failed",
  action: `Check it with its own program, and try again. ${useFile}`,
};
