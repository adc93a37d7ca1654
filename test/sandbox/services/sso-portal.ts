import { AwsError } from "../errors.ts";
import type { Call } from "../http/recorder.ts";
import type { Answer } from "../http/send.ts";
import { header, type Service } from "../http/server.ts";
import type { Directory } from "../iam/directory.ts";
import type { SessionStore } from "../iam/sessions.ts";
import type { IdentityCenter } from "../iam/world-types.ts";
import { beginRoleSession } from "../sts/role-session.ts";
import { json, notFound, queryOf } from "./answers.ts";
import type { SsoTokens } from "./sso-tokens.ts";

const actions: Readonly<Record<string, string>> = {
  "GET /federation/credentials": "GetRoleCredentials",
  "GET /assignment/accounts": "ListAccounts",
  "GET /assignment/roles": "ListAccountRoles",
  "POST /logout": "Logout",
};

/** The portal of IAM Identity Center (`portal.sso.REGION.amazonaws.com`): roles, their credentials, sign-out. */
export function createSsoPortal(
  center: IdentityCenter | undefined,
  tokens: SsoTokens,
  directory: Directory,
  sessions: SessionStore,
): Service {
  const assignments = center?.assignments ?? {};
  const suspended = new Set(center?.suspended ?? []);

  function roleCredentials({ role_name: roleName = "", account_id: accountId = "" }: Query, call: Call): Answer {
    const account = directory.account(accountId);
    const role = account?.roles?.find(({ name }) => name.startsWith(`AWSReservedSSO_${roleName}_`));
    if (!account || !role || !assignments[accountId]?.includes(roleName) || suspended.has(accountId)) throw forbidden();
    const session = beginRoleSession(sessions, { account, role, roleSessionName: "jo@sandbox.example" });
    call.principal = session.principal.arn;
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = session;
    return json(200, { roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration } });
  }

  function roles({ account_id: accountId = "", ...query }: Query): Answer {
    const names = assignments[accountId];
    if (!names || suspended.has(accountId)) throw forbidden();
    return page(
      "roleList",
      names.map((roleName) => ({ roleName, accountId })),
      query,
    );
  }

  function accounts(query: Query): Answer {
    const items = Object.keys(assignments).map((accountId) => ({
      accountId,
      accountName: center?.accountNames?.[accountId] ?? `Account ${accountId}`,
      emailAddress: `${accountId}@sandbox.example`,
    }));
    return page("accountList", items, query);
  }

  return {
    name: "sso",
    describe: ({ method, path, query }) => ({
      action: actions[`${method} ${path}`] ?? `${method} ${path}`,
      parameters: queryOf(query),
    }),
    answer: (request, call) => {
      const action = actions[`${request.method} ${request.path}`];
      if (!action) throw notFound(request.path);
      const query = queryOf(request.query);
      const required =
        { GetRoleCredentials: ["role_name", "account_id"], ListAccountRoles: ["account_id"] }[action] ?? [];
      const missing = required.filter((name) => !query[name]);
      if (missing.length > 0) {
        throw new AwsError(
          "InvalidRequestException",
          400,
          `Missing required request parameters: [${required.join(", ")}]`,
        );
      }
      const token = header(request, "x-amz-sso_bearer_token") ?? "";
      if (!tokens.isAccessToken(token)) {
        throw new AwsError("UnauthorizedException", 401, "Session token not found or invalid");
      }
      if (action === "GetRoleCredentials") return roleCredentials(query, call);
      if (action === "ListAccounts") return accounts(query);
      if (action === "ListAccountRoles") return roles(query);
      tokens.end(token);
      return { status: 200, body: "" };
    },
    refuse: ({ status, code, message }) => json(status, { message }, { "x-amzn-ErrorType": code }),
  };
}

type Query = Readonly<Record<string, string>>;

/** One page of a list. The token is the position of the next page. */
function page(member: string, items: readonly object[], { max_result = "20", next_token = "0" }: Query): Answer {
  const size = Number(max_result);
  if (!(size >= 1 && size <= 100)) throw new AwsError("InvalidRequestException", 400, "max_result must be 1 to 100");
  const start = Number(next_token);
  const isLast = start + size >= items.length;
  return json(200, { [member]: items.slice(start, start + size), ...(!isLast && { nextToken: String(start + size) }) });
}

function forbidden(): AwsError {
  return new AwsError("ForbiddenException", 403, "No access");
}
