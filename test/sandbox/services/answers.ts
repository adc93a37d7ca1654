import { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";

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

export function notFound(path: string): AwsError {
  return new AwsError("NotFound", 404, `There is nothing at ${path}.`);
}
