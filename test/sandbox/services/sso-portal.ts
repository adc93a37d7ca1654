import { AwsError } from "../errors.ts";
import { header, type Service } from "../http/server.ts";
import type { Directory } from "../iam/directory.ts";
import type { SessionStore } from "../iam/sessions.ts";
import type { IdentityCenter } from "../iam/world-types.ts";
import { beginRoleSession } from "../sts/role-session.ts";
import { json, notFound, queryOf } from "./answers.ts";
import type { SsoTokens } from "./sso-tokens.ts";

/** The portal of IAM Identity Center (`portal.sso.REGION.amazonaws.com`): GetRoleCredentials. */
export function createSsoPortal(
  center: IdentityCenter | undefined,
  tokens: SsoTokens,
  directory: Directory,
  sessions: SessionStore,
): Service {
  return {
    name: "sso",
    describe: ({ method, path, query }) => ({
      action: path === "/federation/credentials" ? "GetRoleCredentials" : `${method} ${path}`,
      parameters: queryOf(query),
    }),
    answer: (request, call) => {
      if (request.method !== "GET" || request.path !== "/federation/credentials") throw notFound(request.path);
      const { role_name: roleName, account_id: accountId } = queryOf(request.query);
      if (!roleName || !accountId) {
        throw new AwsError(
          "InvalidRequestException",
          400,
          "Missing required request parameters: [account_id, role_name]",
        );
      }
      const token = header(request, "x-amz-sso_bearer_token") ?? "";
      if (!tokens.isAccessToken(token)) {
        throw new AwsError("UnauthorizedException", 401, "Session token not found or invalid");
      }
      const account = directory.account(accountId);
      const role = account?.roles?.find(({ name }) => name.startsWith(`AWSReservedSSO_${roleName}_`));
      if (!account || !role || !center?.assignments[accountId]?.includes(roleName)) {
        throw new AwsError("ForbiddenException", 403, "No access");
      }
      const session = beginRoleSession(sessions, { account, role, roleSessionName: "jo@sandbox.example" });
      call.principal = session.principal.arn;
      return json(200, {
        roleCredentials: {
          accessKeyId: session.accessKeyId,
          secretAccessKey: session.secretAccessKey,
          sessionToken: session.sessionToken,
          expiration: session.expiration,
        },
      });
    },
    refuse: ({ status, code, message }) => json(status, { message }, { "x-amzn-ErrorType": code }),
  };
}
