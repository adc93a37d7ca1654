import { ParameterReader } from "./parameters.ts";
import type { SignedRequest } from "./service.ts";
import type { XmlTree } from "./xml.ts";

/** GetCallerIdentity: needs no permission, and works with any valid credentials. */
export function getCallerIdentity({ form, principal }: SignedRequest): XmlTree {
  new ParameterReader(form).done();
  return { Arn: principal.arn, UserId: principal.userId, Account: principal.account.id };
}
