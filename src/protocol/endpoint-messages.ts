/** The messages about the endpoint that serves a role to other programs. */
import type { UseRoleParams, WireCredentials } from "./role-messages.ts";

/** The result of a request, as far as an endpoint serves it. */
export interface ServedCredentials extends WireCredentials {
  roleArn?: string;
}

export interface OpenEndpointParams {
  request: UseRoleParams;
  /** What the request has just returned. */
  current: ServedCredentials;
}

export interface OpenedEndpoint {
  url: string;
  /** The authorization token. */
  token: string;
  /** The settings of the default profile, for programs that do not read the AWS files. */
  variables: Record<string, string>;
}

export interface CloseEndpointParams {
  url: string;
}
