/**
 * What PowerShell has asked by the time that Node has started, answered where a shortcut leads: the first command of a session then does not
 * wait until the core is loaded.
 */

import type { Environment } from "./protocol/context.ts";
import { formatResult, parseMessage, type Request } from "./protocol/envelope.ts";
import type { CallerContext, UseRoleParams, UseRoleResult } from "./protocol/methods.ts";
import { isoTime, type Question, type Taken, takeShortcut } from "./shortcut.ts";

/** A role that was used without the core, for it to take note of. */
export interface UsedAtOnce {
  readonly result: UseRoleResult;
  readonly context: CallerContext;
}

/** The lines that are left for the core, and the roles that were answered. */
export interface FirstAnswers {
  readonly rest: Buffer;
  readonly used: readonly UsedAtOnce[];
  /** The variables of whoever asked first. */
  readonly environment: Environment;
}

/** @param write takes one line of output, without its line break */
export function answerAtOnce(chunk: Buffer, write: (line: string) => void, now: () => number): FirstAnswers {
  const rest: Buffer[] = [];
  const used: UsedAtOnce[] = [];
  let environment: Environment | undefined;
  let from = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
    const line = chunk.subarray(from, end + 1);
    from = end + 1;
    const request = requestOf(line.toString("utf8"));
    environment ??= request?.params.context?.environment;
    const answered = request && answerOf(request, write, now());
    if (answered) used.push(answered);
    else rest.push(line);
  }
  return { rest: Buffer.concat([...rest, chunk.subarray(from)]), used, environment: environment ?? {} };
}

function requestOf(line: string): Request | undefined {
  try {
    const message = parseMessage(line);
    return message.method === "$/cancel" ? undefined : message;
  } catch {
    // What is wrong with it the core tells.
    return undefined;
  }
}

function answerOf(message: Request, write: (line: string) => void, now: number): UsedAtOnce | undefined {
  try {
    if (message.method !== "role/use") return undefined;
    const { context, ...params } = message.params as UseRoleParams & { context: CallerContext };
    const question = questionOf(params);
    const taken = question && takeShortcut(question, context.environment, now);
    if (!taken) return undefined;
    const result = resultOf(taken);
    write(
      formatResult(message.id, result, ["The role is cached, and nothing has changed since it was asked for before."]),
    );
    return { result, context };
  } catch {
    // Whatever is wrong with it, the core tells.
    return undefined;
  }
}

/** Undefined where the answer may be another each time, or the parameters hold a secret. */
export function questionOf({ invocationId: _, ...params }: UseRoleParams): Question | undefined {
  const { credentials, tokenCode, tokenCodes, noCache, profileLocation } = params;
  if (credentials || tokenCode !== undefined || tokenCodes || noCache || profileLocation !== undefined)
    return undefined;
  return ["role/use", JSON.stringify(Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))))];
}

function resultOf({ entry: { credentials, lifetime: _, ...rest }, result }: Taken): UseRoleResult {
  return { ...credentials, expiration: isoTime(credentials.expiration), ...rest, ...result };
}
