import type { RateLimiter } from "../network/rate-limiter.ts";
import { serviceRetries } from "../network/request-with-retries.ts";
import type { Context } from "../protocol/context.ts";
import { membersOf, NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SsoAccount } from "../protocol/identity-center-messages.ts";
import { callPortal, type PortalCall, portalFailed } from "./portal.ts";
import type { SsoServices } from "./sso-services.ts";
import { type SsoSession, signInRefused, targetOf } from "./sso-session.ts";
import { ssoAccessToken } from "./sso-token.ts";

/** The accounts and roles that IAM Identity Center assigns to the user who signed in. */
export interface SsoDirectory {
  /** @throws RoleError `SsoLoginRequired`, `SsoFailed`, `Cancelled` */
  accounts(): Promise<SsoAccount[]>;
  /** @throws RoleError `AccessDenied` for an account whose roles cannot be listed; and those of `accounts` */
  roleNames(accountId: string): Promise<string[]>;
}

/** One list of the portal, and how to read an item of it. */
interface List<Item> {
  readonly path: PortalCall["path"];
  readonly query: Readonly<Record<string, string>>;
  readonly member: string;
  readonly read: (item: ReadonlyMap<string, unknown>) => Item;
  /** The account whose roles it lists. */
  readonly accountId?: string;
}

/** The maximum of the service. */
const pageSize = "100";
/** More than any organization has, so that a service that repeats itself ends. */
const maximumPages = 2_000;

/** @param rateLimiter shared by all calls to the portal, which throttles them together */
export function ssoDirectory(
  context: Context,
  session: SsoSession,
  services: SsoServices,
  rateLimiter: RateLimiter,
): SsoDirectory {
  async function all<Item>(list: List<Item>): Promise<Item[]> {
    const found: Item[] = [];
    let next: string | undefined;
    for (let page = 0; page < maximumPages; page++) {
      const ask = () => askPage(context, session, services, list, next);
      const answer = await rateLimiter.run(ask, isBusy, context).catch((error: unknown) => {
        throw error instanceof Busy ? error.error : error;
      });
      found.push(...answer.items);
      next = answer.next;
      if (next === undefined) return found;
    }
    throw new RoleError("SsoFailed", "IAM Identity Center returned too many pages.", {
      target: targetOf(session),
      action: "Try again later.",
    });
  }

  return {
    accounts: () => all({ path: "/assignment/accounts", query: {}, member: "accountList", read: accountIn }),
    roleNames: (accountId) =>
      all({
        path: "/assignment/roles",
        query: { account_id: accountId },
        member: "roleList",
        read: (role) => textIn(role, "roleName"),
        accountId,
      }),
  };
}

/** Throttling, or a failure that usually passes. The rate limiter repeats the call. */
class Busy extends Error {
  readonly error: RoleError;
  constructor(error: RoleError) {
    super(error.message);
    this.error = error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Busy;
}

async function askPage<Item>(
  context: Context,
  session: SsoSession,
  services: SsoServices,
  { path, query, member, read, accountId }: List<Item>,
  next: string | undefined,
): Promise<{ items: Item[]; next: string | undefined }> {
  const { url, response } = await callPortal(session, services, {
    method: "GET",
    path,
    query: { ...query, max_result: pageSize, ...(next && { next_token: next }) },
    accessToken: await ssoAccessToken(context, session, services),
    signal: context.signal,
    retries: { ...serviceRetries, busy: 1 },
  });
  const failed = (what: string, action: string) => portalFailed(session, url, what, action);
  const { status, body } = response;
  if (status === 401) throw signInRefused(session);
  if (status === 429)
    throw new Busy(failed("is throttling requests", "Try again later, or use a lower -ThrottleLimit."));
  if (status >= 500) throw new Busy(failed(`returned status ${status}`, "Try again later."));
  if (accountId !== undefined && (status === 403 || status === 404)) throw noRoles(accountId);
  if (status !== 200) throw failed(`returned status ${status}`, "Check sso_region.");
  try {
    const members = parseJsonObject(body);
    const [items, token] = [members.get(member), members.get("nextToken")];
    if (!Array.isArray(items)) throw new NoCredentialsInJson(`has no ${member}`);
    return {
      items: items.map((item) => read(membersOf(item))),
      next: typeof token === "string" && token !== "" ? token : undefined,
    };
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(`sent a response that ${error.message}`, "Check sso_region and the endpoint URL.");
  }
}

function noRoles(accountId: string): RoleError {
  return new RoleError("AccessDenied", `IAM Identity Center lists no roles of account ${accountId}.`, {
    target: accountId,
    action: "The account may be suspended or closed. Ask the administrator of the organization.",
  });
}

function accountIn(account: ReadonlyMap<string, unknown>): SsoAccount {
  const accountId = textIn(account, "accountId");
  const [accountName, emailAddress] = ["accountName", "emailAddress"].map((name) => account.get(name));
  return {
    accountId,
    accountName: typeof accountName === "string" ? accountName : "",
    emailAddress: typeof emailAddress === "string" ? emailAddress : "",
  };
}

function textIn(members: ReadonlyMap<string, unknown>, name: string): string {
  const value = members.get(name);
  if (typeof value === "string" && value !== "") return value;
  throw new NoCredentialsInJson(`has no ${name}`);
}
