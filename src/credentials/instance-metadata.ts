import { type HttpResponse, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import type { CredentialProvider, Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import { isJson, NoCredentialsInJson, parseJsonObject, readCredentials } from "./credentials-json.ts";
import { type MetadataService, metadataDisabled, metadataService } from "./instance-metadata-settings.ts";

export interface InstanceMetadataOptions {
  /** The profile whose `ec2_metadata_service_endpoint` and the like hold where the environment says nothing. */
  readonly settings?: Settings;
  readonly send?: Send;
}

const tokenPath = "/latest/api/token";
const credentialsPath = "/latest/meta-data/iam/security-credentials/";
const regionPath = "/latest/meta-data/placement/region";
/** Six hours, the longest that IMDS grants. */
const tokenLifetimeSeconds = "21600";
/** No answer of IMDS comes near it. */
const maxBytes = 64 * 1024;
const retryDelayMs = 100;

/**
 * The credentials of the role attached to this EC2 instance, by IMDSv2 only: an instance or emulator that knows the
 * older version alone is refused, because that version can be talked to through a careless proxy.
 *
 * Credentials that IMDS itself hands out past their end are used for ten to fifteen minutes more and STS decides, as
 * in every AWS SDK ("static stability"): AWS honours them while the service that renews them is down.
 *
 * The account id is taken where IMDS gives one; the `-extended` path that was meant to give it is asked by no released
 * botocore, and would cost every other instance a request.
 * @throws RoleError `InstanceMetadataFailed`, `EndpointInvalid`, `SettingInvalid`, `Cancelled`
 */
export function fromInstanceMetadata(context: Context, options: InstanceMetadataOptions = {}): CredentialProvider {
  return async () => {
    const client = new InstanceMetadataClient(context, options);
    const role = (await client.get(credentialsPath)).trim();
    // IAM's own characters for a role's name; it becomes part of a path.
    if (!/^[A-Za-z0-9_+=,.@-]{1,128}$/.test(role)) {
      throw client.failed("answers with something else than the name of a role", checkEndpoint);
    }
    context.say(`Instance metadata names the role ${role}.`);
    const credentials = parseCredentials(client, role, await client.get(credentialsPath + role));
    return extendIfExpired(context, credentials);
  };
}

/**
 * The region this EC2 instance stands in; undefined where there is no instance metadata, or it is disabled.
 * Costs the metadata service's whole timeout (a second) where nobody answers.
 * @throws RoleError `EndpointInvalid`, `SettingInvalid`, `Cancelled`
 */
export async function regionFromInstanceMetadata(
  context: Context,
  options: InstanceMetadataOptions = {},
): Promise<string | undefined> {
  try {
    const region = (await new InstanceMetadataClient(context, options).get(regionPath)).trim();
    return /^[a-z]{2,}(?:-[a-z0-9]+)+$/.test(region) ? region : undefined;
  } catch (error) {
    if (!(error instanceof RoleError) || error.code !== "InstanceMetadataFailed") throw error;
    context.say(`No region from instance metadata: ${error.message}`);
    return undefined;
  }
}

/** One exchange with IMDSv2: a session token first, and again when IMDS no longer knows it. */
class InstanceMetadataClient {
  readonly #context: Context;
  readonly #send: Send;
  readonly #service: MetadataService;
  #token: string | undefined;

  constructor(context: Context, options: InstanceMetadataOptions) {
    this.#context = context;
    this.#send = options.send ?? httpRequest;
    this.#service = metadataService({ environment: context.environment, settings: options.settings ?? {} });
    if (metadataDisabled(context.environment)) {
      throw this.failed("is not asked: AWS_EC2_METADATA_DISABLED is true", "Remove AWS_EC2_METADATA_DISABLED.");
    }
  }

  async get(path: string): Promise<string> {
    let response = await this.#request("GET", path, { "x-aws-ec2-metadata-token": await this.#sessionToken() });
    if (response.status === 401) {
      this.#token = undefined;
      response = await this.#request("GET", path, { "x-aws-ec2-metadata-token": await this.#sessionToken() });
    }
    if (response.status === 200) return response.body;
    if (response.status === 404 && path === credentialsPath) {
      throw this.failed(
        "knows of no role for this instance",
        "Attach an instance profile with a role to the instance.",
      );
    }
    throw this.failed(`answers ${response.status} for ${path}`, checkEndpoint);
  }

  async #sessionToken(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const response = await this.#request("PUT", tokenPath, {
      "x-aws-ec2-metadata-token-ttl-seconds": tokenLifetimeSeconds,
    });
    const token = response.body.trim();
    if (response.status === 200 && /^[!-~]+$/.test(token)) {
      this.#token = token;
      return token;
    }
    if (response.status === 403) {
      throw this.failed("is switched off for this instance", "Enable its metadata service (HttpEndpoint enabled).");
    }
    if (response.status === 404 || response.status === 405) {
      throw this.failed("offers no version 2, and version 1 is not used", "Use an endpoint that knows IMDSv2.");
    }
    throw this.failed(`answers ${response.status} when asked for a session token`, checkEndpoint);
  }

  async #request(method: string, path: string, headers: Record<string, string>): Promise<HttpResponse> {
    const { endpoint, timeoutMs, attempts } = this.#service;
    try {
      return await requestWithRetries(
        this.#send,
        // No agent, and so no proxy: the address is the machine's own.
        { method, url: new URL(endpoint + path), headers, timeoutMs, maxBytes, signal: this.#context.signal },
        { ...attempts, delayMs: retryDelayMs, isComplete: isComplete(path) },
      );
    } catch (error) {
      if (error instanceof RoleError) throw error;
      throw this.failed(whyUnanswered(error), notOnInstance, error);
    }
  }

  failed(what: string, action: string, cause?: unknown): RoleError {
    const { endpoint } = this.#service;
    return new RoleError("InstanceMetadataFailed", `Instance metadata at ${endpoint} ${what}.`, {
      target: endpoint,
      action,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** As botocore, which asks again for an empty answer, and for credentials that are not JSON. */
function isComplete(path: string): (body: string) => boolean {
  const isCredentials = path.startsWith(credentialsPath) && path !== credentialsPath;
  return (body) => (isCredentials ? isJson(body) : body.trim() !== "");
}

function parseCredentials(client: InstanceMetadataClient, role: string, body: string): Credentials {
  try {
    const members = parseJsonObject(body);
    const code = members.get("Code");
    if (code === undefined || code === "Success") return readCredentials(members, { token: "Token", temporary: true });
    // IMDS answers 200 with an error in it, `AssumeRoleUnauthorizedAccess` for example.
    const named = typeof code === "string" && /^[A-Za-z]{1,80}$/.test(code) ? code : "an error";
    throw client.failed(
      `answers ${named} for the role ${role}`,
      "Let the role's trust policy allow ec2.amazonaws.com to assume it.",
    );
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw client.failed(`gives an answer for the role ${role} that ${error.message}`, checkEndpoint);
  }
}

function extendIfExpired(context: Context, credentials: Credentials): Credentials {
  const { expiration } = credentials;
  const now = context.now();
  if (!expiration || expiration.getTime() > now) return credentials;
  // Spread, so that not every instance comes back to the ailing service in the same minute.
  const minutes = 10 + Math.random() * 5;
  context.say(`Instance metadata gave credentials that expired at ${expiration.toISOString()}; STS will decide.`);
  return { ...credentials, expiration: new Date(now + minutes * 60_000) };
}

const checkEndpoint = "Check AWS_EC2_METADATA_SERVICE_ENDPOINT, and the instance's metadata options.";
const notOnInstance = "This works on EC2 only. In a container on EC2, raise the instance's metadata hop limit to 2.";
