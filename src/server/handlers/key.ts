import { identityOf } from "../../assume-role/caller-identity.ts";
import { type KeyHolder, rotatedWith } from "../../keys/key-holders.ts";
import { rotateKey } from "../../keys/rotate-key.ts";
import { requireProfile } from "../../profiles/require-profile.ts";
import type { RotatedKey } from "../../protocol/key-messages.ts";
import { maskedAccessKey } from "../../protocol/redact.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function keyHandlers(core: Core): HandlersOf<"key"> {
  return {
    async "key/rotate"({ profileName, profileLocation, whatIf }, context) {
      const resolution = core.resolution({ profileName, ...(profileLocation && { profileLocation }) }, context);
      const profile = requireProfile(profileName, resolution.shared);
      const place = core.keyPlace(resolution.files, context);
      const planned = rotatedWith(profile, place);
      if (whatIf) return { ...describe(planned), warnings: [] };
      const label = `profile ${profileName}`;
      const about = { target: profileName, hop: label, caller: label };
      const { settings } = profile;
      const { user, holders, oldAccessKeyId, newAccessKeyId, resumed, warnings } = await rotateKey(
        {
          profile,
          place,
          resolution,
          identify: async (credentials, during) =>
            (await identityOf({ settings, credentials }, about, resolution, during)).identity,
        },
        context,
      );
      return {
        ...describe(holders),
        arn: user.arn,
        oldAccessKeyId: maskedAccessKey(oldAccessKeyId),
        newAccessKeyId: maskedAccessKey(newAccessKeyId),
        resumed,
        warnings: [...warnings],
      };
    },
  };
}

function describe(holders: readonly KeyHolder[]): Pick<RotatedKey, "profileNames" | "keyStore"> {
  return {
    profileNames: [...new Set(holders.map(({ profile }) => profile.name))],
    keyStore: holders.every(({ keyStore }) => keyStore === "keychain") ? "keychain" : "file",
  };
}
