import { randomBytes } from "node:crypto";
import { type Clock, isoSeconds } from "../clock.ts";
import type { Answer } from "../http/send.ts";
import { header, type Service, type WireRequest } from "../http/server.ts";
import type { Compute } from "../iam/world-types.ts";
import { json, text } from "./answers.ts";
import type { ServiceCredentials } from "./service-credentials.ts";

/** The instance metadata service, version 2 only. */
export function createImds(compute: Compute | undefined, credentials: ServiceCredentials, clock: Clock): Service {
  const tokens = new Map<string, number>();
  return {
    name: "imds",
    describe: ({ method, path }) => ({ action: `${method} ${path}`, parameters: {} }),
    answer: (request) => {
      if (request.method === "PUT") return issueToken(request, tokens, clock);
      if (request.method !== "GET") return page(405, "Method Not Allowed");
      const token = header(request, "x-aws-ec2-metadata-token") ?? "";
      if (!((tokens.get(token) ?? 0) > clock.now())) return page(401, "Unauthorized");
      return metadata(request.path, compute, credentials);
    },
    refuse: (error) => page(error.status, error.message),
  };
}

function issueToken(request: WireRequest, tokens: Map<string, number>, clock: Clock): Answer {
  if (request.path !== "/latest/api/token") return page(404, "Not Found");
  if (header(request, "x-forwarded-for") !== undefined) return page(403, "Forbidden");
  const ttl = header(request, "x-aws-ec2-metadata-token-ttl-seconds") ?? "";
  if (!/^\d{1,5}$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > 21_600) return page(400, "Bad Request");
  const token = `AQAE${randomBytes(39).toString("base64url")}==`;
  tokens.set(token, clock.now() + Number(ttl) * 1000);
  return text(200, token, { "X-aws-ec2-metadata-token-ttl-seconds": ttl });
}

function metadata(path: string, compute: Compute | undefined, credentials: ServiceCredentials): Answer {
  if (!compute) return page(404, "Not Found");
  const { region, instanceId, instanceRoleArn } = compute;
  const roleName = instanceRoleArn.split("/").at(-1) ?? "";
  const folder = "/latest/meta-data/iam/security-credentials";
  if (path === `${folder}/` || path === folder) return text(200, roleName);
  if (path === "/latest/meta-data/placement/region") return text(200, region);
  if (path === `${folder}/${roleName}`) {
    const session = credentials.current(instanceRoleArn, "ec2.amazonaws.com", instanceId);
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
  return page(404, "Not Found");
}

// The service responds to errors with an XHTML page, which clients must not parse as data
function page(status: number, title: string): Answer {
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n <head>\n  <title>${status} - ${title}</title>\n </head>\n <body>\n  <h1>${status} - ${title}</h1>\n </body>\n</html>\n`;
  return { status, headers: { "Content-Type": "text/html" }, body };
}
