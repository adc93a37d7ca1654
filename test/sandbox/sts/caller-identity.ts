import { AwsError, accessDenied, validationError } from "../errors.ts";
import { ParameterReader } from "./parameters.ts";
import type { SignedRequest } from "./service.ts";
import { shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

/** GetCallerIdentity: needs no permission, and works with any valid credentials. */
export function getCallerIdentity({ form, principal }: SignedRequest): XmlTree {
  new ParameterReader(form).done();
  return { Arn: principal.arn, UserId: principal.userId, Account: principal.account.id };
}

/** GetAccessKeyInfo: the account that a key belongs to, for any caller. */
export function getAccessKeyInfo({ form, sts }: SignedRequest): XmlTree {
  const parameters = new ParameterReader(form);
  const id = parameters.required("AccessKeyId", shapes.accessKeyId);
  parameters.done();
  const principal = sts.directory.accessKey(id)?.principal ?? sts.sessions.find(id)?.principal;
  if (!principal) throw validationError(`AccessKey ${id} not found`);
  return { Account: principal.account.id };
}

/** DecodeAuthorizationMessage: always fails, because the sandbox encodes no messages. */
export function decodeAuthorizationMessage({ form, principal }: SignedRequest): XmlTree {
  const parameters = new ParameterReader(form);
  parameters.required("EncodedMessage", { min: 1, max: 10_240 });
  parameters.done();
  if (principal.kind === "federated-user") throw accessDenied("Cannot decode with federation credentials");
  throw new AwsError("InvalidAuthorizationMessageException", 400, "Message is not valid");
}
