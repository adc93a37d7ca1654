import type { Server } from "node:http";
import { type ErrorCode, RoleError } from "../protocol/errors.ts";

/** What the error says if no port can be opened. */
interface Failure {
  readonly code: ErrorCode;
  /** What the port is for: `the credentials endpoint`. */
  readonly purpose: string;
  readonly action: string;
}

/**
 * Opens a port of the loopback interface. By default the system chooses a free one.
 * @throws RoleError the failure's code
 */
export function listenOnLoopback(server: Server, { code, purpose, action }: Failure, port = 0): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new RoleError(code, `No loopback port can be opened for ${purpose} (${cause.code}).`, { action, cause })),
    );
    server.listen({ host: "127.0.0.1", port, exclusive: true }, resolve);
  });
}
