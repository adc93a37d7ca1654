/** How a hop is called, and what its first credentials are called. */

import type { ChainHop } from "../assume-role/chain.ts";
import type { ResolutionContext } from "../assume-role/hop-provider.ts";
import type { Source } from "../assume-role/plan.ts";
import { ssoLoginOf } from "../identity-center/sso-login.ts";
import type { Context } from "../protocol/context.ts";
import type { HopOperation } from "../protocol/methods.ts";

const operations: Readonly<Record<Source["kind"], HopOperation>> = {
  container: "EcsContainer",
  environment: "Environment",
  given: "Credential",
  instanceMetadata: "Ec2InstanceMetadata",
  keys: "Keys",
  login: "Login",
  process: "CredentialProcess",
  sso: "GetRoleCredentials",
  webIdentity: "AssumeRoleWithWebIdentity",
};

export function operationOf({ source, hop }: ChainHop): HopOperation {
  if (source) return operations[source.kind];
  return hop ? "AssumeRole" : "GetSessionToken";
}

/** Where the first credentials of a chain lie. */
export function sourceText({ source }: ChainHop, { shared }: ResolutionContext, { environment }: Context): string {
  switch (source?.kind) {
    case "given":
      return "-Credential";
    case "keys":
      return `aws_access_key_id of profile ${source.profile.name}`;
    case "environment":
      return "AWS_ACCESS_KEY_ID in the environment";
    case "process":
      return `credential_process of profile ${source.profile.name}`;
    case "container":
      return environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
        ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI in the environment"
        : "AWS_CONTAINER_CREDENTIALS_FULL_URI in the environment";
    case "instanceMetadata":
      return environment.AWS_EC2_METADATA_SERVICE_ENDPOINT
        ? `EC2 instance metadata at ${environment.AWS_EC2_METADATA_SERVICE_ENDPOINT}`
        : "EC2 instance metadata";
    case "login":
      return `aws login of profile ${source.profile.name}`;
    case "sso":
      return `IAM Identity Center at ${ssoLoginOf(source.profile, shared).startUrl}`;
    case "webIdentity":
      return `token file ${source.identity.tokenFile}`;
    default:
      return "";
  }
}
