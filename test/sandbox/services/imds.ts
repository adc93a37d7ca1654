import { randomBytes } from "node:crypto";
import { type Clock, isoSeconds } from "../clock.ts";
import type { Answer } from "../http/send.ts";
import { header, type Service, type WireRequest } from "../http/server.ts";
import type { Compute } from "../iam/world-types.ts";
import { json, text } from "./answers.ts";
import type { ServiceCredentials } from "./service-credentials.ts";

/** The configuration of the instance. Tests change it while it runs. */
export interface Instance {
  /** IMDSv2 only, both versions, or only v1 as on the oldest installations, which lack the token path. */
  version: "required" | "optional" | "v1";
  /** Unreachable: accepts the connection and never answers, as a firewalled 169.254.169.254 does. */
  reachable: boolean;
  /** A container beyond the hop limit: responses to PUT are lost. */
  withinHopLimit: boolean;
  /** Disabled by the instance's owner: 403. */
  enabled: boolean;
  roleArn: string | undefined;
}

export function createInstance(compute: Compute | undefined): Instance {
  return {
    version: "required",
    reachable: true,
    withinHopLimit: true,
    enabled: true,
    roleArn: compute?.instanceRoleArn,
  };
}

/** The instance metadata service. */
export function createImds(
  instance: Instance,
  compute: Compute | undefined,
  credentials: ServiceCredentials,
  clock: Clock,
): Service {
  const tokens = new Map<string, number>();
  return {
    name: "imds",
    describe: ({ method, path }) => ({ action: `${method} ${path}`, parameters: {} }),
    answer: async (request) => {
      if (!instance.reachable || (request.method === "PUT" && !instance.withinHopLimit)) await never();
      if (!instance.enabled) return page(403, "Forbidden");
      if (request.method === "PUT") return issueToken(request, instance, tokens, clock);
      if (request.method !== "GET") return page(405, "Method Not Allowed");
      const token = header(request, "x-aws-ec2-metadata-token");
      const known = token !== undefined && (tokens.get(token) ?? 0) > clock.now();
      if (instance.version === "required" && !known) return page(401, "Unauthorized");
      if (instance.version === "optional" && token !== undefined && !known) return page(401, "Unauthorized");
      return metadata(request.path, instance, compute, credentials);
    },
    refuse: (error) => page(error.status, error.message),
  };
}

function issueToken(request: WireRequest, instance: Instance, tokens: Map<string, number>, clock: Clock): Answer {
  if (request.path !== "/latest/api/token" || instance.version === "v1") return page(404, "Not Found");
  if (header(request, "x-forwarded-for") !== undefined) return page(403, "Forbidden");
  const ttl = header(request, "x-aws-ec2-metadata-token-ttl-seconds") ?? "";
  if (!/^\d{1,5}$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > 21_600) return page(400, "Bad Request");
  const token = `AQAE${randomBytes(39).toString("base64url")}==`;
  tokens.set(token, clock.now() + Number(ttl) * 1000);
  return text(200, token, { "X-aws-ec2-metadata-token-ttl-seconds": ttl });
}

function metadata(
  path: string,
  instance: Instance,
  compute: Compute | undefined,
  credentials: ServiceCredentials,
): Answer {
  if (!compute) return page(404, "Not Found");
  const { region, instanceId } = compute;
  const roleName = instance.roleArn?.split("/").at(-1);
  const folder = "/latest/meta-data/iam/security-credentials";
  if (path === `${folder}/` || path === folder) return roleName ? text(200, roleName) : page(404, "Not Found");
  if (instance.roleArn !== undefined && path === `${folder}/${roleName}`) {
    const session = credentials.current(instance.roleArn, "ec2.amazonaws.com", instanceId);
    return json(200, {
      Code: "Success",
      LastUpdated: isoSeconds(session.expiration - 6 * 3600 * 1000),
      Type: "AWS-HMAC",
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      Token: session.sessionToken,
      Expiration: isoSeconds(session.expiration),
    });
  }
  const accountId = instance.roleArn?.split(":")[4];
  const plain: Readonly<Record<string, string>> = {
    "/latest/meta-data/placement/region": region,
    "/latest/meta-data/placement/availability-zone": `${region}a`,
    "/latest/meta-data/instance-id": instanceId,
    "/latest/dynamic/instance-identity/document": JSON.stringify({ accountId, instanceId, region }),
  };
  const found = Object.hasOwn(plain, path) ? plain[path] : undefined;
  return found === undefined ? page(404, "Not Found") : text(200, found);
}

// The service responds to errors with an XHTML page, which clients must not parse as data
function page(status: number, title: string): Answer {
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n <head>\n  <title>${status} - ${title}</title>\n </head>\n <body>\n  <h1>${status} - ${title}</h1>\n </body>\n</html>\n`;
  return { status, headers: { "Content-Type": "text/html" }, body };
}

/** Never settles, so that the caller gets no response. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
