import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { secretHash, uncachedProvider } from "./provider.ts";
import type { ProfileKind, Source } from "./source.ts";

export const staticKeys: ProfileKind = {
  isIn: hasStaticKeys,
  selectedBy: ["accessKeyId", "secretAccessKey"],
  noun: "access keys",
  label: () => "keys",
  sourceOf: keysSource,
};

/** Whether a profile has keys. One key alone counts too: it is an error, not a reason to try another source. */
export function hasStaticKeys(settings: Settings): boolean {
  return Boolean(settings.accessKeyId || settings.secretAccessKey);
}

/**
 * A profile's keys: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`, `aws_account_id`.
 * @throws RoleError `ProfileIncomplete` if one of the first two is missing
 */
export function keysSource(profile: Profile): Source {
  const keys = requireStaticKeys(profile);
  const { accessKeyId, secretAccessKey } = keys;
  const { name, settings } = profile;
  const { sessionToken, accountId } = settings;
  return {
    operation: "Keys",
    profile,
    holdsKeys: true,
    summary: `the keys of profile ${name}`,
    place: () => `${settingKeys.accessKeyId} of profile ${name}`,
    about: () => (accountId === undefined ? {} : { account: accountId }),
    isTemporary: () => sessionToken !== undefined,
    provider: () =>
      uncachedProvider(
        `profile ${name}`,
        ["keys", accessKeyId, secretHash(secretAccessKey, sessionToken)],
        async () => ({ ...keys, ...(sessionToken && { sessionToken }), ...(accountId && { accountId }) }),
        sessionToken === undefined,
      ),
  };
}

/**
 * Returns a profile's access key and secret key.
 * @throws RoleError `ProfileIncomplete`
 */
export function requireStaticKeys(profile: Profile): { accessKeyId: string; secretAccessKey: string } {
  const { accessKeyId, secretAccessKey } = profile.settings;
  if (!accessKeyId) throw incomplete(profile, settingKeys.accessKeyId);
  if (!secretAccessKey) throw incomplete(profile, settingKeys.secretAccessKey);
  return { accessKeyId, secretAccessKey };
}

function incomplete(profile: Profile, missing: string): RoleError {
  return new RoleError("ProfileIncomplete", `Profile '${profile.name}' has no ${missing}.`, {
    target: profile.name,
    action: `Store both keys again with Set-RoleCredentials -StoreAs ${powerShellArgument(profile.name)}.`,
  });
}
