/** The messages about the endpoint that serves a role to other programs. */
import type { UseRoleParams, UseRoleResult } from "./role-messages.ts";

export interface OpenEndpointParams {
  request: UseRoleParams;
  /** What the request has just returned. */
  current: UseRoleResult;
}

export interface OpenedEndpoint {
  /** For AWS_CONTAINER_CREDENTIALS_FULL_URI: an address on 127.0.0.1. */
  url: string;
  /** For AWS_CONTAINER_AUTHORIZATION_TOKEN. Secret. */
  token: string;
  /** The settings of the default profile, for programs that do not read the AWS files. */
  variables: Record<string, string>;
}

export interface CloseEndpointParams {
  /** The `url` of {@link OpenedEndpoint}. */
  url: string;
}
