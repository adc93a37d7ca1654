import { isoSeconds } from "../clock.ts";
import { header, type Service } from "../http/server.ts";
import type { Compute } from "../iam/world-types.ts";
import { json, notFound } from "./answers.ts";
import type { ServiceCredentials } from "./service-credentials.ts";

/** The credential endpoint of ECS and EKS. `/v2/credentials/…` needs no token, as with a relative URI. `/full` needs one. */
export function createContainer(compute: Compute | undefined, credentials: ServiceCredentials): Service {
  return {
    name: "container",
    describe: ({ method, path }) => ({ action: `${method} ${path}`, parameters: {} }),
    answer: (request) => {
      const { method, path } = request;
      const isRelative = path === relativeCredentialsPath;
      if (method !== "GET" || !(isRelative || path === "/full")) throw notFound(path);
      const wanted = isRelative ? undefined : compute?.containerToken;
      if (wanted !== undefined && header(request, "authorization") !== wanted) {
        return json(401, { code: "AuthorizationFailed", message: "The Authorization header is missing or wrong." });
      }
      if (!compute) return json(404, { code: "NoRole", message: "This task has no role." });
      const roleArn = compute.containerRoleArn;
      const session = credentials.current(roleArn, "ecs-tasks.amazonaws.com", "6f1b4f2e000040008000");
      return json(200, {
        RoleArn: roleArn,
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        Token: session.sessionToken,
        Expiration: isoSeconds(session.expiration),
      });
    },
    refuse: ({ status, code, message }) => json(status, { code, message }),
  };
}

export const relativeCredentialsPath = "/v2/credentials/6f1b4f2e-0000-4000-8000-000000000001";
