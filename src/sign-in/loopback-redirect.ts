/** The end of a sign-in in the browser: the authorization page sends the browser to this loopback address (RFC 8252). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenOnLoopback } from "../network/listen-on-loopback.ts";
import { untilAborted } from "../platform/cancellation.ts";

/** The path that the AWS CLI registers. AWS accepts any port. */
const callbackPath = "/oauth/callback";

/** The redirect address to register: without a port, because each sign-in listens on another one. */
export const registeredRedirectUri = `http://127.0.0.1${callbackPath}`;

export interface RedirectOptions {
  /** The state that the link to the authorization page holds. */
  readonly state: string;
  /** Who signs in, in readable form: `IAM Identity Center`. For the page that the browser shows at the end. */
  readonly subject: string;
  /** The parameter that signs in without a port: `-UseDeviceCode`. */
  readonly withoutPort: string;
  /** A fixed port, for tests. */
  readonly port?: number;
}

/** What the authorization page answered: a code, or OAuth's error code such as `access_denied`. */
export type RedirectAnswer = { readonly code: string } | { readonly error: string };

export interface LoopbackRedirect {
  /** With the port. */
  readonly redirectUri: string;
  /** How many requests came with a wrong state: from another sign-in, or forged. */
  readonly strangers: () => number;
  /**
   * Waits for the browser.
   * @throws RoleError `Cancelled`; the reason of the signal if it has one
   */
  answer(signal: AbortSignal): Promise<RedirectAnswer>;
  close(): void;
}

/**
 * Listens for the browser on a free port of the loopback interface. A request with a wrong state, host or path gets an explanation and does
 * not end the wait, because any web page can send the browser here.
 * @throws RoleError `SignInPortUnavailable` if no port can be opened
 */
export async function listenForRedirect(options: RedirectOptions): Promise<LoopbackRedirect> {
  const { state, subject, withoutPort, port = 0 } = options;
  const { createServer } = await import("node:http");
  let strangers = 0;
  let arrive: (answer: RedirectAnswer) => void;
  const arrived = new Promise<RedirectAnswer>((resolve) => {
    arrive = resolve;
  });
  const server = createServer((request, response) => {
    const read = readRedirect(request, state, (server.address() as AddressInfo | null)?.port ?? 0);
    if (read === "stranger") strangers++;
    respond(response, read, subject);
    if (typeof read === "object") arrive(read);
  });
  // A browser opens spare connections. They must not keep the port open.
  server.keepAliveTimeout = 1;
  const action = `Use ${withoutPort}, which needs no port.`;
  await listenOnLoopback(server, { code: "SignInPortUnavailable", purpose: "the browser's redirect", action }, port);
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${callbackPath}`,
    strangers: () => strangers,
    answer: (signal) => untilAborted(signal, arrived),
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

type Read = RedirectAnswer | "elsewhere" | "stranger";

function readRedirect({ method, url = "", headers }: IncomingMessage, state: string, port: number): Read {
  const base = "http://127.0.0.1";
  const target = URL.canParse(url, base) ? new URL(url, base) : undefined;
  // Another host name means that a web page rebound its own name to this address.
  if (method !== "GET" || target?.pathname !== callbackPath || headers.host !== `127.0.0.1:${port}`) return "elsewhere";
  const parameters = target.searchParams;
  const given = parameters.get("state");
  const error = parameters.get("error");
  // RFC 6749 wants the state with an error too. Without one, ending the sign-in is the least harm.
  if (error && (given === state || given === null)) return { error: /^[\w.-]{1,64}$/.test(error) ? error : "unknown" };
  const code = parameters.get("code");
  return code && given === state ? { code } : "stranger";
}

function respond(response: ServerResponse, read: Read, subject: string): void {
  const [status, title, text] =
    read === "elsewhere"
      ? [404, "There is nothing here", "This address only completes a sign-in."]
      : read === "stranger"
        ? [400, "This is not the sign-in that PowerShell waits for", "Use the page that PowerShell opened last."]
        : "error" in read
          ? [200, "The sign-in was not completed", "PowerShell says what to do next. You can close this page."]
          : [200, `Signed in to ${subject}`, "Return to PowerShell. You can close this page."];
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    Connection: "close",
  });
  response.end(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>body{font:1rem system-ui,sans-serif;` +
      `margin:20vh auto;max-width:32rem;padding:0 1rem;color-scheme:light dark}</style></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`,
  );
}
