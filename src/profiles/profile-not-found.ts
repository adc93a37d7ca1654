import { RoleError } from "../protocol/errors.ts";
import type { SharedConfig } from "./shared-config.ts";

/**
 * The error for a profile that is in neither file.
 * @param namedBy what named it, as in ` (AWS_PROFILE names it)`
 * @throws RoleError `FileBroken` when a header is not UTF-8, for that may be the one.
 */
export function profileNotFound(name: string, shared: SharedConfig, namedBy = ""): RoleError {
  const why = shared.origin?.whyNotRead(name);
  return new RoleError(
    "ProfileNotFound",
    `There is no profile '${name}'${namedBy}.${why === undefined ? "" : ` ${why}`}`,
    {
      target: name,
      action: "Get-RoleProfile lists the profiles; Set-RoleCredentials -StoreAs NAME stores one.",
    },
  );
}
