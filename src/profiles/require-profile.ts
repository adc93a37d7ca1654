import { RoleError } from "../protocol/errors.ts";
import type { ConfigOrigin, Profile, SharedConfig } from "./shared-config.ts";

/**
 * The error for a profile that neither file has.
 * @param namedBy who named it, such as `, which AWS_PROFILE names`
 * @throws RoleError `FileBroken` if a header is not UTF-8, because it may name the profile.
 */
export function profileNotFound(name: string, origin: ConfigOrigin | undefined, namedBy = ""): RoleError {
  const why = origin?.whyNotRead(name);
  return new RoleError(
    "ProfileNotFound",
    `There is no profile '${name}'${namedBy}.${why === undefined ? "" : ` ${why}`}`,
    {
      target: name,
      action: "Get-RoleProfile lists the profiles; Set-RoleCredentials -StoreAs NAME stores one.",
    },
  );
}

/** @throws RoleError `ProfileNotFound`, `FileBroken` */
export function requireProfile(name: string, { profile, origin }: SharedConfig): Profile {
  const found = profile(name);
  if (found) return found;
  throw profileNotFound(name, origin);
}
