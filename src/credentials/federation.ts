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
import { cachedProvider, secretMark, sourceOf } from "./provider.ts";
import type { FederatedSession, Source } from "./source.ts";
import { readWebIdentityToken } from "./web-identity.ts";

export function federatedSource(federation: Federation, roleArn: string, session: FederatedSession): Source {
  const isSaml = federation.kind === "saml";
  const operation = isSaml ? "AssumeRoleWithSAML" : "AssumeRoleWithWebIdentity";
  const origin = originOf(federation);
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
      const { durationInSeconds } = session;
      const request: CacheRequest = {
        operation,
        identity: { roleArn, ...session, federation: identityOf(federation, context) },
        source: sourceOf(resolution, context, { identity: "federation" }, { settings }),
        ...(durationInSeconds !== undefined && { durationSeconds: durationInSeconds }),
        roleArn,
      };
      return cachedProvider(resolution, { label }, request, async (during) => {
        const token = await tokenOf(federation, settings, during);
        const principal = isSaml && { principalArn: federation.principalArn };
        return assumeFederatedRole({ roleArn, token, tokenPlace: origin, session, ...principal }, label, during);
      });
    },
  };
}

function originOf(federation: Federation): string {
  switch (federation.kind) {
    case "saml":
      return "a SAML assertion";
    case "token":
      return "a web identity token";
    case "tokenFile":
      return `token file ${federation.path}`;
    default:
      return `a web identity token of ${issuerName(federation)}`;
  }
}

/** Distinguishes one caller from another, without a secret. */
function identityOf(federation: Federation, context: Context): string {
  switch (federation.kind) {
    case "saml":
      return secretMark("saml", federation.principalArn, federation.assertion);
    case "token":
      return secretMark("token", federation.token);
    case "tokenFile":
      return sha256Hex(JSON.stringify(["file", resolve(context.workingDirectory, federation.path)]));
    default:
      return sha256Hex(JSON.stringify(issuerFacts(federation, context)));
  }
}

async function tokenOf(federation: Federation, settings: Settings, context: Context): Promise<string> {
  switch (federation.kind) {
    case "saml":
      return federation.assertion;
    case "token":
      return federation.token;
    case "tokenFile":
      return readWebIdentityToken(context, federation.path, "-WebIdentityToken");
    default:
      return issuedToken(federation, sendOver(settings, context), context);
  }
}
