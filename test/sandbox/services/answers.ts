import { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";
import type { WireRequest } from "../http/server.ts";

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(value) };
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "text/plain", ...headers }, body };
}

/** Parses a query string's parameters. */
export function queryOf(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** The members of a JSON body. Other bodies have no members. */
export function membersOf(request: WireRequest): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(request.body.toString("utf8"))) };
  } catch {
    return {};
  }
}

/** The members of a JSON body as texts. */
export function textsOf(request: WireRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(membersOf(request)).map(([name, value]) => [name, String(value)]));
}

export function notFound(path: string): AwsError {
  return new AwsError("NotFound", 404, `There is nothing at ${path}.`);
}
