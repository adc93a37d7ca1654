import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Call } from "../http/recorder.ts";
import type { Answer } from "../http/send.ts";
import { header, type Service, type WireRequest } from "../http/server.ts";
import type { Directory } from "../iam/directory.ts";
import type { Principal } from "../iam/principal.ts";
import type { SessionStore } from "../iam/sessions.ts";
import type { OidcIssuer } from "../identity/oidc-issuer.ts";
import type { SamlIdp } from "../identity/saml-idp.ts";
import { regionOfStsHost } from "../regions.ts";
import type { Verify } from "../sigv4/verify.ts";
import { assumeRole } from "./assume-role.ts";
import { getCallerIdentity } from "./caller-identity.ts";
import type { MfaVerifier } from "./mfa.ts";
import type { Form } from "./parameters.ts";
import { assumeRoleWithSaml } from "./saml.ts";
import { getSessionToken } from "./session-token.ts";
import { assumeRoleWithWebIdentity } from "./web-identity.ts";
import { type XmlTree, xmlAnswer, xmlError } from "./xml.ts";

/** The actions' dependencies. */
export interface Sts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly sessions: SessionStore;
  readonly mfa: MfaVerifier;
  readonly verify: Verify;
  readonly oidc: OidcIssuer;
  readonly saml: SamlIdp;
}

/** Whether the caller authenticates with an identity provider's token instead of a signature. */
export interface UnsignedRequest {
  readonly form: Form;
  readonly region: string;
  readonly sts: Sts;
}

export interface SignedRequest extends UnsignedRequest {
  readonly principal: Principal;
}

const signedActions: Readonly<Record<string, (request: SignedRequest) => XmlTree>> = {
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
  GetSessionToken: getSessionToken,
};

const unsignedActions: Readonly<Record<string, (request: UnsignedRequest) => XmlTree>> = {
  AssumeRoleWithSAML: assumeRoleWithSaml,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
};

const version = "2011-06-15";

/** The Security Token Service, over AWS's query protocol. */
export function createSts(sts: Sts): Service {
  return {
    name: "sts",
    describe: (request) => {
      const form = readForm(request);
      return { action: form.get("Action") ?? "", parameters: Object.fromEntries(form) };
    },
    answer: (request, call) => answer(sts, request, call),
    refuse: (error) => xmlError(error),
  };
}

function answer(sts: Sts, request: WireRequest, call: Call): Answer {
  const { action } = call;
  const form = readForm(request);
  requireWellFormed(request, form, action);
  const unsigned = lookUp(unsignedActions, action);
  if (unsigned) {
    const region = regionOfStsHost(call.host) ?? "us-east-1";
    return xmlAnswer(action, unsigned({ form, region, sts }));
  }
  const signed = lookUp(signedActions, action);
  if (!signed) throw noSuchAction(action, form);
  const { principal, region, accessKeyId } = sts.verify(request);
  Object.assign(call, { principal: principal.arn, region, accessKeyId });
  return xmlAnswer(action, signed({ form, principal, region, sts }));
}

function lookUp<T>(actions: Readonly<Record<string, T>>, action: string): T | undefined {
  return Object.hasOwn(actions, action) ? actions[action] : undefined;
}

function requireWellFormed(request: WireRequest, form: Form, action: string): void {
  if (request.method !== "POST" && request.method !== "GET") {
    throw new AwsError("UnsupportedOperation", 405, `The method ${request.method} is not supported.`);
  }
  if (request.path !== "/") throw new AwsError("UnknownOperation", 404, `There is nothing at ${request.path}.`);
  if (action === "") throw new AwsError("MissingAction", 400, "The request must contain the parameter Action");
  if (form.get("Version") !== version) throw noSuchAction(action, form);
}

function noSuchAction(action: string, form: Form): AwsError {
  const asked = form.get("Version") ?? "NO_VERSION_SPECIFIED";
  return new AwsError("InvalidAction", 400, `Could not find operation ${action} for version ${asked}`);
}

/** The parameters: from the form of a POST, or the query of a GET. */
function readForm(request: WireRequest): Form {
  const isForm = header(request, "content-type")?.split(";")[0]?.trim() === "application/x-www-form-urlencoded";
  const text = request.method === "POST" ? (isForm ? request.body.toString("utf8") : "") : request.query;
  return new Map(new URLSearchParams(text));
}
