import { accessDenied } from "../errors.ts";
import { ParameterReader } from "./parameters.ts";
import { credentialsTree, requireRegionEnabled } from "./role-session.ts";
import type { SignedRequest } from "./service.ts";
import { durations, shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

const twelveHours = 43_200;
const hour = 3600;

/** GetSessionToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export function getSessionToken({ form, principal, region, sts }: SignedRequest): XmlTree {
  const parameters = new ParameterReader(form);
  const asked = parameters.duration(durations.session);
  const serialNumber = parameters.optional("SerialNumber", shapes.serialNumber);
  const tokenCode = parameters.optional("TokenCode", shapes.tokenCode);
  parameters.done();

  if (principal.temporary) throw accessDenied("Cannot call GetSessionToken with session credentials");
  requireRegionEnabled(principal.account, region);
  const mfaAuthenticatedAt = sts.mfa.check(principal, serialNumber, tokenCode);
  // AWS limits root to one hour without an error
  const duration = principal.kind === "root" ? Math.min(asked ?? hour, hour) : (asked ?? twelveHours);
  const session = sts.sessions.issue(
    { ...principal, temporary: true, ...(mfaAuthenticatedAt !== undefined && { mfaAuthenticatedAt }) },
    duration,
  );
  return { Credentials: credentialsTree(session) };
}
