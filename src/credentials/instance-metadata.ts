import { type HttpResponse, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { isJson, NoCredentialsInJson, parseJsonObject, readCredentials } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { type MetadataService, metadataDisabled, metadataService } from "./instance-metadata-settings.ts";
import { uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

export interface InstanceMetadataOptions {
  /** The profile whose `ec2_metadata_service_endpoint` and related settings apply when the environment has none. */
  readonly settings?: Settings;
  readonly send?: Send;
}

const tokenPath = "/latest/api/token";
const credentialsPath = "/latest/meta-data/iam/security-credentials/";
const regionPath = "/latest/meta-data/placement/region";
/** Six hours, the maximum that IMDS allows. */
const tokenLifetimeSeconds = "21600";
const retryDelayMs = 100;

/**
 * @param settings settings of the profile that configures the service
 * @param whenAbsent the error to throw if no metadata service returns credentials, instead of the service's own error
 */
export function instanceMetadataSource(settings: Settings, whenAbsent?: (error: RoleError) => RoleError): Source {
  const { ec2MetadataServiceEndpoint, ec2MetadataServiceEndpointMode } = settings;
  return {
    operation: "Ec2InstanceMetadata",
    summary: "EC2 instance metadata, if this is an instance",
    place: (_, { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint }) =>
      endpoint ? `EC2 instance metadata at ${endpoint}` : "EC2 instance metadata",
    isTemporary: () => true,
    provider({ context: { environment } }) {
      const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } = environment;
      return uncachedProvider(
        "EC2 instance metadata",
        ["instanceMetadata", endpoint || ec2MetadataServiceEndpoint, mode || ec2MetadataServiceEndpointMode],
        (during) =>
          fromInstanceMetadata(during, { settings }).catch((error: unknown) => {
            throw whenAbsent && error instanceof RoleError && error.code === "InstanceMetadataFailed"
              ? whenAbsent(error)
              : error;
          }),
      );
    },
  };
}

/**
 * Loads the credentials of the role attached to this EC2 instance, with IMDSv2 only. An instance or emulator that offers only
 * version 1 is rejected, because an attacker can reach version 1 through a misconfigured proxy.
 *
 * When IMDS returns expired credentials, we use them for ten to fifteen more minutes and let STS decide, as every AWS SDK
 * does ("static stability"): AWS accepts them while the service that renews them is down.
 *
 * The account id is used if IMDS returns one. No released botocore asks for it on the planned `-extended` path, which would
 * cost every other instance a request.
 * @throws RoleError `InstanceMetadataFailed`, `EndpointInvalid`, `SettingInvalid`, `Cancelled`
 */
export async function fromInstanceMetadata(
  context: Context,
  options: InstanceMetadataOptions = {},
): Promise<Credentials> {
  const client = new InstanceMetadataClient(context, options);
  const role = (await client.get(credentialsPath)).trim();
  // The characters that IAM allows in a role name. The name becomes part of a path.
  if (!/^[A-Za-z0-9_+=,.@-]{1,128}$/.test(role)) {
    throw client.failed("did not return the name of a role", checkEndpoint);
  }
  context.say(`Instance metadata names the role ${role}.`);
  const credentials = parseCredentials(client, role, await client.get(credentialsPath + role));
  return extendIfExpired(context, credentials);
}

/**
 * The region of this EC2 instance; undefined if instance metadata is unavailable or disabled.
 * Takes the metadata service's whole timeout (a second) if the service does not respond.
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

/** One IMDSv2 exchange: gets a session token first, and again when IMDS no longer accepts it. */
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
      throw this.failed("is disabled: AWS_EC2_METADATA_DISABLED is true", "Remove AWS_EC2_METADATA_DISABLED.");
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
      throw this.failed("has no role for this instance", "Attach an instance profile with a role to the instance.");
    }
    throw this.failed(`returned status ${response.status} for ${path}`, checkEndpoint);
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
      throw this.failed("is disabled for this instance", "Enable its metadata service (HttpEndpoint enabled).");
    }
    if (response.status === 404 || response.status === 405) {
      throw this.failed("does not support IMDSv2, and IMDSv1 is not used", "Use an endpoint that supports IMDSv2.");
    }
    throw this.failed(`returned status ${response.status} for the session token request`, checkEndpoint);
  }

  async #request(method: string, path: string, headers: Record<string, string>): Promise<HttpResponse> {
    const { endpoint, timeoutMs, attempts } = this.#service;
    try {
      return await requestWithRetries(
        this.#send,
        // No agent, and so no proxy: the address is local to the machine.
        { method, url: new URL(endpoint + path), headers, timeoutMs, signal: this.#context.signal },
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
      cause,
    });
  }
}

/** botocore also retries an empty response, and credentials that are not JSON. */
function isComplete(path: string): (body: string) => boolean {
  const isCredentials = path.startsWith(credentialsPath) && path !== credentialsPath;
  return (body) => (isCredentials ? isJson(body) : body.trim() !== "");
}

function parseCredentials(client: InstanceMetadataClient, role: string, body: string): Credentials {
  try {
    const members = parseJsonObject(body);
    const code = members.get("Code");
    if (code === undefined || code === "Success") return readCredentials(members, { token: "Token", temporary: true });
    // IMDS reports some errors with status 200, such as `AssumeRoleUnauthorizedAccess`.
    const named = typeof code === "string" && /^[A-Za-z]{1,80}$/.test(code) ? code : "an error";
    throw client.failed(
      `returned ${named} for the role ${role}`,
      "Allow ec2.amazonaws.com to assume the role in its trust policy.",
    );
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw client.failed(`sent a response for the role ${role} that ${error.message}`, checkEndpoint);
  }
}

function extendIfExpired(context: Context, credentials: Credentials): Credentials {
  const { expiration } = credentials;
  const now = context.now();
  if (!expiration || expiration.getTime() > now) return credentials;
  // Add jitter, so that the instances don't all retry in the same minute.
  const minutes = 10 + Math.random() * 5;
  context.say(`Instance metadata returned credentials that expired at ${expiration.toISOString()}; STS will decide.`);
  return { ...credentials, expiration: new Date(now + minutes * 60_000) };
}

const checkEndpoint = "Check AWS_EC2_METADATA_SERVICE_ENDPOINT, and the instance's metadata options.";
const notOnInstance = "This works on EC2 only. In a container on EC2, raise the instance's metadata hop limit to 2.";
