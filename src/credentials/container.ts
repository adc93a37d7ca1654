import { resolve } from "node:path";
import { serverTimeOf } from "../network/clock-skew.ts";
import { type HttpResponse, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import type { Context, Environment } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { isJson, NoCredentialsInJson, parseJsonObject, readCredentials } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { redact } from "../protocol/redact.ts";
import { selectingVariable } from "./environment.ts";
import { type ExpiryRule, refuseExpired } from "./expired.ts";
import { secretHash, uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";
import { readTokenFile } from "./token-file.ts";

export interface ContainerOptions extends ExpiryRule {
  readonly send?: Send;
}

const relativeVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const fullVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const tokenVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const tokenFileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ecsAddress = "169.254.170.2";
const plainHttpHosts = new Set([ecsAddress, "169.254.170.23", "[fd00:ec2::23]", "[::1]", "localhost"]);
const maxTokenBytes = 64 * 1024;
// botocore makes three attempts of two seconds. We shorten its pause of one second.
const timeoutMs = 2000;
const retryRule = { unanswered: 3, busy: 3, delayMs: 250, isComplete: isJson };

/**
 * Whether the environment configures container credentials.
 * @throws RoleError `EnvironmentIncomplete` for a variable of only white space
 */
export function hasContainerCredentials(environment: Environment): boolean {
  return (
    (selectingVariable(environment, relativeVariable) ?? selectingVariable(environment, fullVariable)) !== undefined
  );
}

export const containerSource: Source = {
  operation: "EcsContainer",
  summary: "the container",
  place: (_, environment) => `${environment[relativeVariable] ? relativeVariable : fullVariable} in the environment`,
  isTemporary: () => true,
  provider({ context: { environment, workingDirectory }, rule }) {
    const { [relativeVariable]: relative, [fullVariable]: full } = environment;
    const { [tokenVariable]: token, [tokenFileVariable]: tokenFile } = environment;
    // All EKS pods ask the same address, so the token identifies the credentials. A token file's content changes, so use its path.
    const file = tokenFile && resolve(workingDirectory, tokenFile);
    const identity = ["container", relative, full, token && secretHash(token), file];
    return uncachedProvider("the container", identity, (during) => fromContainer(during, rule));
  },
};

/**
 * Loads the credentials of an ECS task, an EKS pod (Pod Identity), or any local server that implements their protocol.
 *
 * As in all SDKs, `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` overrides `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read at each call, overrides `AWS_CONTAINER_AUTHORIZATION_TOKEN`. Without TLS
 * only loopback, ECS and EKS addresses are allowed. As in botocore and the SDK for JavaScript, `localhost` is the only
 * allowed host name, because a name may resolve differently between the check and the request.
 * @throws RoleError `ContainerUriRefused`, `ContainerCredentialsFailed`, `EnvironmentIncomplete`, `CredentialsExpired`, `Cancelled`
 */
export async function fromContainer(context: Context, options: ContainerOptions = {}): Promise<Credentials> {
  const url = containerUrl(context.environment);
  const token = authorizationToken(context);
  const headers = { Accept: "application/json", ...(token !== undefined && { Authorization: token }) };
  let response: HttpResponse;
  try {
    response = await requestWithRetries(
      options.send ?? httpRequest,
      // No agent, and so no proxy: the address is local to the machine.
      { method: "GET", url, headers, timeoutMs, signal: context.signal },
      retryRule,
    );
  } catch (error) {
    if (error instanceof RoleError) throw error;
    throw failed(url, whyUnanswered(error), checkServer, error);
  }
  return refuseExpired(
    context,
    parseResponse(url, response),
    {
      subject: `The container's credentials service at ${url.host}`,
      target: url.host,
      action: "Restart the container or its agent.",
    },
    { ...options, givenAt: serverTimeOf(response.headers) },
  );
}

function parseResponse(url: URL, response: HttpResponse): Credentials {
  if (response.status >= 300 && response.status < 400) {
    throw failed(url, `returned a redirect (${response.status}), which is not followed`, checkServer);
  }
  if (response.status === 401 || response.status === 403) {
    throw failed(url, `rejected the request (${response.status})`, `Check ${tokenFileVariable} or ${tokenVariable}.`);
  }
  if (response.status !== 200) {
    throw failed(url, `returned status ${response.status}${messageIn(response.body)}`, checkServer);
  }
  try {
    return readCredentials(parseJsonObject(response.body), { token: "Token", temporary: true });
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(url, `sent a response that ${error.message}`, checkServer);
  }
}

/** The message of an error, which the format names `message`. */
function messageIn(body: string): string {
  if (!isJson(body)) return "";
  const message = parseJsonObject(body).get("message");
  return typeof message === "string" && message !== "" ? `: ${redact(message, []).replace(/\.$/, "")}` : "";
}

function containerUrl(environment: Environment): URL {
  const relative = selectingVariable(environment, relativeVariable);
  if (relative !== undefined) {
    // Without the slash, `@host/` or `:port/` would select another server.
    if (!relative.startsWith("/")) throw refused(relativeVariable, "does not begin with a slash");
    return parseUrl(relativeVariable, `http://${ecsAddress}${relative}`);
  }
  const full = selectingVariable(environment, fullVariable);
  if (full === undefined) {
    throw new RoleError("ContainerCredentialsFailed", "The environment configures no container credentials.", {
      target: relativeVariable,
      action: "ECS and EKS set this variable. Outside a container, choose another source.",
    });
  }
  const url = parseUrl(fullVariable, full);
  if (url.username || url.password) throw refused(fullVariable, "contains a user name or password");
  if (url.protocol === "https:") return url;
  if (url.protocol !== "http:") throw refused(fullVariable, "is neither http nor https");
  // The URL parser has already normalized every spelling of an IPv4 address to four decimal numbers.
  if (plainHttpHosts.has(url.hostname) || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)) return url;
  throw refused(fullVariable, `names the host '${url.hostname}', which is not allowed without https`);
}

function parseUrl(name: string, text: string): URL {
  if (!URL.canParse(text)) throw refused(name, "is not an address");
  return new URL(text);
}

function authorizationToken(context: Context): string | undefined {
  const file = selectingVariable(context.environment, tokenFileVariable);
  const token = file === undefined ? context.environment[tokenVariable] : tokenFrom(context, file);
  if (!token) return undefined;
  // The token goes into a header: a line break would start another header, and Node rejects anything outside Latin-1.
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(token)) return token;
  const name = file === undefined ? tokenVariable : tokenFileVariable;
  throw new RoleError(
    "ContainerCredentialsFailed",
    `The token of ${name} contains a line break or control character.`,
    {
      target: name,
      action: "Use a token on one line, without a trailing line break.",
    },
  );
}

function tokenFrom(context: Context, file: string): string {
  try {
    return readTokenFile(context, file, maxTokenBytes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new RoleError("ContainerCredentialsFailed", `The container's token file '${file}' ${error.message}.`, {
      target: file,
      action: `Check ${tokenFileVariable}.`,
      cause: error,
    });
  }
}

function failed(url: URL, what: string, action: string, cause?: unknown): RoleError {
  return new RoleError(
    "ContainerCredentialsFailed",
    // Omit path and query: both may contain a secret.
    `The container's credentials service at ${url.host} ${what}.`,
    { target: url.host, action, cause },
  );
}

function refused(name: string, what: string): RoleError {
  return new RoleError("ContainerUriRefused", `${name} ${what}.`, {
    target: name,
    action: "Use https, a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23].",
  });
}

const checkServer = `Check ${fullVariable}, and that its server is running.`;
