/** The access keys of an IAM user. The user manages them with one of these keys. */
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { pause } from "../platform/cancellation.ts";
import { uptime } from "../platform/uptime.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import type { StoredKeys } from "../vault/keychain.ts";
import { askIam, iamCodeOf } from "./iam-call.ts";

/** The profile whose settings apply to the calls. */
export interface KeyOwner {
  readonly profile: Profile;
  readonly resolution: ResolutionContext;
}

/** How long IAM may take to make a new key known everywhere, in milliseconds. It usually takes ten seconds. */
export const propagation = 90_000;

/** Repeats a call with a new key while AWS does not know the key yet: IAM is eventually consistent. */
export async function untilKnown<T>(
  patience: number | undefined,
  context: Context,
  call: () => Promise<T>,
): Promise<T> {
  const end = uptime() + (patience ?? propagation);
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 5_000)) {
    try {
      return await call();
    } catch (error) {
      const isUnknown = error instanceof RoleError && error.code === "CredentialsRejected";
      if (!isUnknown || uptime() > end) throw error;
      context.say("AWS does not know the new key yet.");
    }
    await pause(wait, context.signal);
  }
}

/** Deletes a key, unless it is gone. */
export async function deleteKey(
  { profile, resolution }: KeyOwner,
  signer: StoredKeys,
  accessKeyId: string,
  context: Context,
): Promise<void> {
  try {
    await askIam("DeleteAccessKey", profile, signer, resolution, context, (iam) => iam.deleteAccessKey(accessKeyId));
  } catch (error) {
    if (iamCodeOf(error) !== "NoSuchEntity") throw error;
  }
  context.say(`Deleted the access key ${maskedAccessKey(accessKeyId)}.`);
}

/** A user has two keys at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
export async function tooManyKeys(
  { profile, resolution }: KeyOwner,
  old: StoredKeys,
  wasInterrupted: boolean,
  context: Context,
): Promise<RoleError> {
  const other = await askIam("ListAccessKeys", profile, old, resolution, context, (iam) => iam.listAccessKeys())
    .then((keys) => keys.find(({ id }) => id !== old.accessKeyId))
    .catch(() => undefined);
  const described = other
    ? `the other one ends in ${escapeForTerminal(other.id.slice(-4))} and was created on ${other.created.toISOString().slice(0, 10)}`
    : "list them with aws iam list-access-keys or Get-IAMAccessKey";
  const why = wasInterrupted ? " It may be from an Update-RoleKey that was interrupted." : "";
  return new RoleError(
    "KeyLimitReached",
    `The user of profile '${profile.name}' has two access keys already: ${described}.${why}`,
    {
      target: profile.name,
      action:
        "Delete the key that nothing uses, with aws iam delete-access-key or Remove-IAMAccessKey. Then try again.",
    },
  );
}
