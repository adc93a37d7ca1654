/** A role that the caller assumes with a SAML assertion or a web identity token of the request, instead of AWS credentials. */
import { resolve } from "node:path";
import type { CacheRequest } from "../cache/cache-request.ts";
import { sendOver } from "../network/send-over.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { accountOf } from "../protocol/role-arn.ts";
import type { Federation } from "../protocol/role-messages.ts";
import { issuedToken, issuerFacts, issuerName } from "./issued-token.ts";
import { cachedProvider, secretHash, sourceOf } from "./provider.ts";
import type { FederatedSession, Source } from "./source.ts";
import { readWebIdentityToken } from "./web-identity.ts";

export function federatedSource(federation: Federation, roleArn: string, session: FederatedSession): Source {
  const isSaml = federation.kind === "saml";
  const operation = isSaml ? "AssumeRoleWithSAML" : "AssumeRoleWithWebIdentity";
  const { origin, identity, read } = tokenSourceOf(federation);
  const label = `role ${roleArn} (${origin})`;
  return {
    operation,
    identity: { roleArn },
    summary: origin,
    // A given assertion or token expires within minutes. A file or an issuer has a new one.
    isGiven: isSaml || federation.kind === "token",
    place: () => origin,
    about: () => ({ roleArn, account: accountOf(roleArn) }),
    isTemporary: () => true,
    provider({ resolution, context, settings, assumeFederatedRole }) {
      const request: CacheRequest = {
        operation,
        identity: { roleArn, ...session, federation: identity(context) },
        source: sourceOf(resolution, context, "federation", settings),
        durationSeconds: session.durationInSeconds,
        roleArn,
      };
      return cachedProvider(resolution, label, request, async (during) => {
        const token = await read(settings, during);
        const principal = isSaml && { principalArn: federation.principalArn };
        return assumeFederatedRole({ roleArn, token, tokenPlace: origin, session, ...principal }, label, during);
      });
    },
  };
}

interface TokenSource {
  /** For display. */
  readonly origin: string;
  /** Distinguishes one caller from another, without a secret. */
  readonly identity: (context: Context) => string;
  readonly read: (settings: Settings, context: Context) => string | Promise<string>;
}

function tokenSourceOf(federation: Federation): TokenSource {
  switch (federation.kind) {
    case "saml":
      return {
        origin: "a SAML assertion",
        identity: () => secretHash("saml", federation.principalArn, federation.assertion),
        read: () => federation.assertion,
      };
    case "token":
      return {
        origin: "a web identity token",
        identity: () => secretHash("token", federation.token),
        read: () => federation.token,
      };
    case "tokenFile":
      return {
        origin: `token file ${federation.path}`,
        identity: ({ workingDirectory }) => secretHash("file", resolve(workingDirectory, federation.path)),
        read: (_, context) => readWebIdentityToken(context, federation.path, "-WebIdentityToken"),
      };
    default:
      return {
        origin: `a web identity token of ${issuerName(federation)}`,
        identity: (context) => sha256Hex(JSON.stringify(issuerFacts(federation, context))),
        read: (settings, context) => issuedToken(federation, sendOver(settings, context), context),
      };
  }
}
