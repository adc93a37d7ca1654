/** JSON-RPC 2.0, one message per line, in UTF-8: requests, responses and errors on the pipes. */
import { errorCategories, RoleError } from "./errors.ts";
import type { Method, Methods } from "./methods.ts";
import type { SignInPlace } from "./sign-in-messages.ts";
import { escapeForTerminal } from "./terminal.ts";

/** Maximum length of a request, in characters. A longer line gets an error. */
export const maximumLineLength = 8 * 1024 * 1024;

/** The caller's surroundings, sent with every request. */
export interface CallerContext {
  /** The caller's environment variables at this moment. */
  environment: Record<string, string>;
  /** The caller's current folder, an absolute path. */
  workingDirectory: string;
  /** Whether the caller answers `$/findProxy`, and on Windows `$/createFile`. */
  answersQuestions?: boolean;
}

export interface Request<M extends Method = Method> {
  jsonrpc: "2.0";
  id: number;
  method: M;
  params: Methods[M]["params"] & { context: CallerContext };
}

/** Ctrl+C: the caller of request `id` no longer waits. */
export interface Cancellation {
  jsonrpc: "2.0";
  method: "$/cancel";
  params: { id: number };
}

/** The caller's answer to {@link formatProxyQuestion}; without a proxy for that destination, `proxy` is missing. */
export interface ProxyAnswer {
  jsonrpc: "2.0";
  method: "$/proxy";
  params: { destination: string; proxy?: string };
}

/** The caller's answer to {@link formatFileQuestion}; `error` is a code, as Node's errors have. */
export interface FileAnswer {
  jsonrpc: "2.0";
  method: "$/fileCreated";
  params: { path: string; error?: string };
}

/** The data of an error, as in {@link ErrorDetails}. */
export interface WireErrorData {
  id: string;
  category: string;
  target?: string;
  action?: string;
  hop?: string;
  mfaSerial?: string;
  mfaProblem?: string;
  signIn?: SignInPlace;
  awsCode?: string;
  clockSkewSeconds?: number;
}

/** An error as sent to the cmdlet, which turns it into an ErrorRecord. */
export interface WireError {
  code: number;
  message: string;
  data: WireErrorData;
}

/** JSON-RPC's code for an application error. */
const applicationError = -32000;

/**
 * Parses one line.
 * @throws RoleError `RequestInvalid`
 */
export function parseMessage(line: string): Request | Cancellation | ProxyAnswer | FileAnswer {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (cause) {
    throw new RoleError("RequestInvalid", "The request is not JSON.", { cause });
  }
  if (!isRecord(message) || message.jsonrpc !== "2.0" || typeof message.method !== "string") {
    throw new RoleError("RequestInvalid", "The request is not a JSON-RPC 2.0 call.");
  }
  if (!["$/cancel", "$/proxy", "$/fileCreated"].includes(message.method) && typeof message.id !== "number") {
    throw new RoleError("RequestInvalid", "The request has no id.");
  }
  if (!isRecord(message.params)) throw new RoleError("RequestInvalid", "The request has no parameters.");
  return message as unknown as Request | Cancellation | ProxyAnswer | FileAnswer;
}

/** One line, without its line break. `notes` are the steps taken, for `-Verbose`. */
export function formatResult(id: number, result: unknown, notes: readonly string[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result, ...(notes.length > 0 && { notes }) });
}

/** Asks the caller for the system's proxy. */
export function formatProxyQuestion(destination: string): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "$/findProxy", params: { destination } });
}

/** Asks the caller to create an empty file like another one. */
export function formatFileQuestion(path: string, original: string): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "$/createFile", params: { path, original } });
}

export function formatError(id: number | null, error: unknown, notes: readonly string[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: wireError(error), ...(notes.length > 0 && { notes }) });
}

function wireError(error: unknown): WireError {
  if (!(error instanceof RoleError)) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      code: applicationError,
      message: `The core failed unexpectedly: ${escapeForTerminal(message)}`,
      data: { id: "InternalError", category: errorCategories.InternalError },
    };
  }
  const { target, action, hop, mfaSerial, mfaProblem, signIn, awsCode, clockSkewSeconds } = error.details;
  return {
    code: applicationError,
    message: error.message,
    data: {
      id: error.code,
      category: errorCategories[error.code],
      ...(target !== undefined && { target: escapeForTerminal(target) }),
      ...(action !== undefined && { action: escapeForTerminal(action) }),
      ...(hop !== undefined && { hop: escapeForTerminal(hop) }),
      ...(mfaSerial !== undefined && { mfaSerial }),
      ...(mfaProblem !== undefined && { mfaProblem: escapeForTerminal(mfaProblem) }),
      ...(signIn && { signIn }),
      ...(awsCode !== undefined && { awsCode: escapeForTerminal(awsCode) }),
      ...(clockSkewSeconds !== undefined && { clockSkewSeconds }),
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
