/** Credentials passed with `-Credential`. */
import type { Credentials } from "../protocol/credentials.ts";
import { secretHash, uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

export function givenSource(credentials: Credentials): Source {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    isGiven: true,
    operation: "Credential",
    summary: "the given credentials",
    place: () => "-Credential",
    isTemporary: () => sessionToken !== undefined,
    provider: () => ({
      ...uncachedProvider(
        "-Credential",
        ["given", accessKeyId, secretHash(secretAccessKey, sessionToken)],
        async () => credentials,
        sessionToken === undefined,
      ),
      isGiven: true,
    }),
  };
}
