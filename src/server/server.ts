/** Answers JSON-RPC requests concurrently, each as soon as its response is ready. */
import { type Context, environmentOf } from "../protocol/context.ts";
import { formatError, formatResult, maximumLineLength, parseMessage, type Request } from "../protocol/envelope.ts";
import { RoleError } from "../protocol/errors.ts";
import type { Handlers } from "./handlers/handler.ts";
import { createStagedFiles } from "./staged-files.ts";
import { createSystemProxies } from "./system-proxies.ts";

export interface ServerOptions {
  readonly handlers: Handlers;
  /** Writes one line of output. The line has no line break. */
  readonly write: (line: string) => void;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
}

export interface Server {
  /** Takes a chunk of input, which may begin and end anywhere. */
  feed(chunk: Buffer): void;
  /** Number of requests without a response. */
  pending(): number;
  /** Cancels all requests. */
  close(): void;
}

export function createServer({ handlers, write, platform, now }: ServerOptions): Server {
  const running = new Map<number, AbortController>();
  const systemProxies = createSystemProxies(write, now);
  const stagedFiles = createStagedFiles(write);
  let parts: Buffer[] = [];
  let length = 0;
  let tooLong = false;

  async function answer(request: Request): Promise<void> {
    const { id, method } = request;
    const { context: caller, ...params } = request.params;
    const controller = new AbortController();
    const notes: string[] = [];
    running.set(id, controller);
    try {
      if (!Object.hasOwn(handlers, method)) throw new RoleError("RequestInvalid", `Unknown method '${method}'.`);
      const context: Context = {
        environment: environmentOf(caller?.environment, platform),
        workingDirectory: caller?.workingDirectory ?? "/",
        ...(caller?.answersQuestions && { findSystemProxy: systemProxies.find }),
        ...(caller?.answersQuestions && platform === "win32" && { createFileLike: stagedFiles.create }),
        platform,
        now,
        signal: controller.signal,
        say: (line) => notes.push(line),
      };
      // A handler takes the parameters of its own method. The compiler cannot match them, because the method is only known at run time.
      const handle = handlers[method] as (params: unknown, context: Context) => unknown;
      const result = await handle(params, context);
      if (!controller.signal.aborted) write(formatResult(id, result, notes));
    } catch (error) {
      // Don't answer a canceled request.
      if (!controller.signal.aborted) write(formatError(id, error, notes));
    } finally {
      running.delete(id);
    }
  }

  function take(line: string): void {
    if (line === "") return;
    try {
      const message = parseMessage(line);
      if (message.method === "$/cancel") running.get(message.params.id)?.abort();
      else if (message.method === "$/proxy") systemProxies.take(message.params);
      else if (message.method === "$/fileCreated") stagedFiles.take(message.params);
      else void answer(message);
    } catch (error) {
      write(formatError(null, error, []));
    }
  }

  return {
    feed(chunk) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const last = chunk.subarray(from, end);
        const line = parts.length === 0 ? last.toString("utf8") : Buffer.concat([...parts, last]).toString("utf8");
        from = end + 1;
        parts = [];
        length = 0;
        if (tooLong) write(formatError(null, new RoleError("RequestInvalid", "The request is too long."), []));
        else take(line);
        tooLong = false;
      }
      const rest = chunk.subarray(from);
      length += rest.length;
      if (length > maximumLineLength) {
        tooLong = true;
        parts = [];
      } else if (rest.length > 0) parts.push(rest);
    },
    pending: () => running.size,
    close() {
      for (const controller of running.values()) controller.abort();
    },
  };
}
