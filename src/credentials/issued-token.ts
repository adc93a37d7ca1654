/** Asks the service that runs a pipeline for its web identity token: GitHub Actions or Azure DevOps. Only on request, never by default. */
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import type { Context } from "../protocol/context.ts";
import { variable } from "../protocol/context.ts";
import { isJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import type { Federation } from "../protocol/role-messages.ts";

/** A service that issues a web identity token to the pipelines that it runs. */
export type TokenIssuer = Extract<Federation, { kind: "GitHubActions" | "AzureDevOps" }>;

interface Issuer {
  readonly name: string;
  /** The variables with the address and with the secret that authorizes the request. */
  readonly variables: readonly [url: string, secret: string];
  readonly method: "GET" | "POST";
  readonly parameters: (issuer: {
    audience?: string;
    serviceConnectionId?: string;
  }) => Readonly<Record<string, string | undefined>>;
  /** The member of the response that has the token. */
  readonly member: string;
  /** What to do if a variable is missing. */
  readonly setUp: string;
}

const issuers: Readonly<Record<TokenIssuer["kind"], Issuer>> = {
  // https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments
  GitHubActions: {
    name: "GitHub Actions",
    variables: ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
    method: "GET",
    // The default of aws-actions/configure-aws-credentials.
    parameters: ({ audience = "sts.amazonaws.com" }) => ({ audience }),
    member: "value",
    setUp: "Run it in a job of GitHub Actions that has 'permissions: id-token: write'.",
  },
  // https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
  AzureDevOps: {
    name: "Azure DevOps",
    variables: ["SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN"],
    method: "POST",
    parameters: ({ serviceConnectionId }) => ({ "api-version": "7.1", serviceConnectionId }),
    member: "oidcToken",
    setUp: "Run it in a pipeline whose step has SYSTEM_ACCESSTOKEN: $(System.AccessToken) in its env.",
  },
};

const timeoutMs = 10_000;
const retryRule = { unanswered: 3, busy: 3, delayMs: 500, isComplete: isJson };

/** A readable name, for labels. */
export function issuerName({ kind }: TokenIssuer): string {
  return issuers[kind].name;
}

/** What identifies the token, without a secret: the address has the ids of the run. */
export function issuerFacts(issuer: TokenIssuer, { environment }: Pick<Context, "environment">): readonly unknown[] {
  return [issuer, variable(environment, issuers[issuer.kind].variables[0])];
}

/**
 * Requests a token.
 * @throws RoleError `WebIdentityTokenUnavailable`, `Cancelled`
 */
export async function issuedToken(issuer: TokenIssuer, send: Send, context: Context): Promise<string> {
  const { name, variables, method, parameters, member, setUp } = issuers[issuer.kind];
  const [address, secret] = variables.map((name) => {
    const value = variable(context.environment, name);
    if (value !== undefined && /^[\x20-\x7e]+$/.test(value)) return value;
    const what = value === undefined ? "is not set" : "has characters other than printable ASCII";
    throw unavailable(name, `${name} ${what}`, setUp);
  }) as [string, string];
  const [addressVariable] = variables;
  const url = requestUrl(address, addressVariable);
  for (const [key, value] of Object.entries(parameters(issuer))) if (value) url.searchParams.set(key, value);
  context.say(`Requesting a web identity token of ${name} from ${url.host}.`);
  const headers = {
    Accept: "application/json",
    Authorization: `Bearer ${secret}`,
    ...(method === "POST" && { "Content-Type": "application/json", "Content-Length": "0" }),
    // Otherwise Azure DevOps redirects to its sign-in page.
    ...(issuer.kind === "AzureDevOps" && { "X-TFS-FedAuthRedirect": "Suppress" }),
  };
  try {
    const response = await requestWithRetries(
      send,
      { method, url, headers, timeoutMs, signal: context.signal },
      retryRule,
    );
    if (response.status !== 200) {
      throw unavailable(url.host, `${name} returned status ${response.status} instead of a token`, setUp);
    }
    const token = isJson(response.body) && parseJsonObject(response.body).get(member);
    if (typeof token === "string" && /^[!-~]+$/.test(token)) return token;
    throw unavailable(url.host, `${name} sent a response without a token`, "Check the permissions of the job.");
  } catch (error) {
    if (error instanceof RoleError) throw error;
    throw unavailable(url.host, `${name} ${whyUnanswered(error)}`, "Check the network and the proxy, and try again.");
  }
}

function requestUrl(text: string, from: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The request has a secret, which may travel in the clear only within this machine.
  const isSafe = url?.protocol === "https:" || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url?.hostname ?? "");
  if (url && isSafe && !url.username && !url.password) return url;
  throw unavailable(from, `${from} is not an https address`, "Use the value that the pipeline sets.");
}

function unavailable(target: string, what: string, action: string): RoleError {
  return new RoleError("WebIdentityTokenUnavailable", `There is no web identity token: ${what}.`, { target, action });
}
