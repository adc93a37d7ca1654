/** Servers in place of STS that answer in every wrong way. */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type SecureVersion } from "node:tls";
import { createServerTls, type TlsKind } from "../sandbox/tls/server-tls.ts";

export interface Hostile {
  readonly what: string;
  /** The accepted results of the request. */
  readonly code: string | RegExp;
  /** What the server does with a connection once it receives the request. */
  readonly answer?: (socket: Socket, request: string) => void;
  readonly tls?: TlsKind | "old";
  /** It runs into the client's timeout. */
  readonly slow?: boolean;
  /** Nothing listens on the port. */
  readonly closed?: boolean;
}

const crlf = "\r\n";
const head = (status: string, ...headers: string[]) =>
  [`HTTP/1.1 ${status}`, ...headers, "Connection: close", "", ""].join(crlf);
const say =
  (status: string, body: string, type = "text/xml") =>
  (socket: Socket) =>
    socket.end(`${head(status, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`);

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const parts = {
  AccessKeyId: "ASIAHOSTILE000000001",
  SecretAccessKey: "secret-of-hostile",
  SessionToken: "token-of-hostile",
};
function answerWith(
  change: Record<string, string | undefined>,
  around: (xml: string) => string = (xml) => xml,
): string {
  const inner = Object.entries({ ...parts, Expiration: inAnHour(), ...change })
    .flatMap(([name, value]) => (value === undefined ? [] : `<${name}>${value}</${name}>`))
    .join("");
  return around(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${inner}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}
const errorWith = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** Sends endlessly, or until it has sent this many bytes, as fast as the client reads. */
function pour(socket: Socket, bytes: number, wrap: (block: string) => string = (block) => block): void {
  const block = wrap("x".repeat(65_536));
  let left = bytes;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= block.length;
      if (!socket.write(block)) return void socket.once("drain", more);
    }
    socket.end();
  };
  more();
}
const gigabyte = 1024 ** 3;
const chunk = (block: string) => `${block.length.toString(16)}${crlf}${block}${crlf}`;

function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), 1000);
  socket.on("close", () => clearInterval(timer));
}

const invalid = "StsResponseInvalid";
const cut = /^Sts(?:Unreachable|ResponseInvalid)$/;

export const hostiles: readonly Hostile[] = [
  { what: "a closed port", code: "StsUnreachable", closed: true },
  { what: "silence", code: "StsTimeout", answer: () => {}, slow: true },
  { what: "a reset", code: "StsUnreachable", answer: (socket) => socket.resetAndDestroy() },
  { what: "nothing, then hangs up", code: "StsUnreachable", answer: (socket) => socket.end() },
  { what: "half a head, then hangs up", code: cut, answer: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-") },
  {
    what: "a head at one byte per second",
    code: "StsTimeout",
    answer: (socket) => drip(socket, "HTTP/1.1 200 OK"),
    slow: true,
  },
  {
    what: "an endless head",
    code: cut,
    answer: (socket) =>
      pour(socket.write(`HTTP/1.1 200 OK${crlf}`) ? socket : socket, gigabyte, (block) => `X: ${block}${crlf}`),
  },
  {
    what: "endless 100 Continue responses",
    code: /^Sts(?:Timeout|Unreachable|ResponseInvalid)$/,
    answer: (socket) => pour(socket, gigabyte, () => `HTTP/1.1 100 Continue${crlf}${crlf}`.repeat(2000)),
    slow: true,
  },
  { what: "another protocol", code: cut, answer: (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n") },
  {
    what: "a protocol switch",
    code: /^Sts/,
    answer: (socket) => socket.write(head("101 Switching Protocols", "Upgrade: x")),
    slow: true,
  },
  {
    what: "a body of 1 GB, with a Content-Length",
    code: invalid,
    answer: (socket) => {
      socket.write(head("200 OK", "Content-Type: text/xml", `Content-Length: ${gigabyte}`));
      pour(socket, gigabyte);
    },
  },
  {
    what: "a body of 1 GB, chunked",
    code: invalid,
    answer: (socket) => {
      socket.write(head("200 OK", "Content-Type: text/xml", "Transfer-Encoding: chunked"));
      pour(socket, gigabyte, chunk);
    },
  },
  {
    what: "an error of 1 GB",
    code: /^Sts(?:ResponseInvalid|Failed)$/,
    answer: (socket) => {
      socket.write(head("400 Bad Request", "Content-Type: text/xml", "Transfer-Encoding: chunked"));
      pour(socket, gigabyte, chunk);
    },
  },
  {
    what: "a failure of 1 GB",
    code: /^Sts(?:ResponseInvalid|Failed)$/,
    answer: (socket) => {
      socket.write(head("500 No", "Content-Type: text/xml", "Transfer-Encoding: chunked"));
      pour(socket, gigabyte, chunk);
    },
  },
  {
    what: "a body at one byte per second",
    code: "StsTimeout",
    answer: (socket) => {
      socket.write(head("200 OK", "Content-Type: text/xml", "Content-Length: 100000"));
      drip(socket, answerWith({}));
    },
    slow: true,
  },
  {
    what: "a reset in the middle of the body",
    code: cut,
    answer: (socket) =>
      socket.write(
        `${head("200 OK", "Content-Type: text/xml", "Content-Length: 5000")}${answerWith({}).slice(0, 150)}`,
        () => setTimeout(() => socket.resetAndDestroy(), 50),
      ),
  },
  {
    what: "a body shorter than its Content-Length",
    code: cut,
    answer: (socket) =>
      socket.end(`${head("200 OK", "Content-Type: text/xml", "Content-Length: 5000")}${answerWith({})}`),
  },
  {
    what: "a truncated body with a matching Content-Length",
    code: invalid,
    answer: say("200 OK", answerWith({}).slice(0, -60)),
  },
  { what: "500", code: "StsFailed", answer: say("500 No", errorWith("InternalFailure", "no")) },
  { what: "503", code: "StsFailed", answer: say("503 No", "") },
  {
    what: "throttling",
    code: "StsThrottled",
    answer: say("400 No", errorWith("Throttling", "Rate exceeded")),
    slow: true,
  },
  ...[301, 302, 303, 307, 308].map((status) => ({
    what: `a redirect (${status})`,
    code: invalid,
    answer: (socket: Socket) =>
      socket.end(head(`${status} There`, "Location: http://127.0.0.1:REDIRECT/", "Content-Length: 0")),
  })),
  { what: "HTML", code: invalid, answer: say("200 OK", "<html><body>Sign in</body></html>", "text/html") },
  { what: "JSON", code: invalid, answer: say("200 OK", '{"Credentials":{"AccessKeyId":"A"}}', "application/json") },
  { what: "an image", code: invalid, answer: say("200 OK", "\u0089PNG\r\n\u001a\n\u0000\u0000", "image/png") },
  { what: "no content", code: invalid, answer: say("204 No Content", "") },
  {
    what: "UTF-16",
    code: invalid,
    answer: (socket) => say("200 OK", `\ufffe${[...answerWith({})].join("\u0000")}`)(socket),
  },
  ...Object.keys({ ...parts, Expiration: "" }).flatMap((name) => [
    { what: `no ${name}`, code: invalid, answer: say("200 OK", answerWith({ [name]: undefined })) },
    { what: `an empty ${name}`, code: invalid, answer: say("200 OK", answerWith({ [name]: "" })) },
  ]),
  ...[
    "yesterday",
    "99999999999999999999",
    "2026-13-45T99:99:99Z",
    "NaN",
    "2001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
  ].map((Expiration) => ({
    what: `the end ${Expiration}`,
    code: invalid,
    answer: say("200 OK", answerWith({ Expiration })),
  })),
  {
    what: "nested entity expansion",
    code: invalid,
    answer: say(
      "200 OK",
      answerWith(
        { AccessKeyId: "&z;" },
        (xml) =>
          `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${"bcdefghijklmnopqrstuvwxyz".replaceAll(/./g, (name) => `<!ENTITY ${name} "${`&${String.fromCharCode(name.charCodeAt(0) - 1)};`.repeat(10)}">`)}]>${xml}`,
      ),
    ),
  },
  {
    what: "an external entity that reads a file",
    code: invalid,
    answer: say(
      "200 OK",
      answerWith({ AccessKeyId: "&f;" }, (xml) => `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${xml}`),
    ),
  },
  { what: "100,000 levels", code: invalid, answer: say("200 OK", "<a>".repeat(100_000) + "</a>".repeat(100_000)) },
  { what: "100,000 attributes", code: invalid, answer: say("200 OK", `<a ${"b='c' ".repeat(100_000)}/>`) },
  {
    what: "__proto__ in its XML",
    code: invalid,
    answer: say("200 OK", "<__proto__><Credentials>x</Credentials></__proto__>"),
  },
  {
    what: "the request, echoed",
    code: "StsRejected",
    answer: (socket, request) => say("400 No", errorWith("Odd", request.replaceAll(/[<&]/g, " ")))(socket),
  },
  {
    what: "the request, echoed as the error code",
    code: /^Sts/,
    answer: (socket, request) => say("400 No", errorWith(/Token=[^&\s]*/.exec(request)?.[0] ?? "Odd", "no"))(socket),
  },
  ...(["untrusted", "wrongHost", "expired", "notYetValid"] as const).map((tls) => ({
    what: `a certificate that is ${tls}`,
    code: "TlsFailed",
    tls,
    answer: say("200 OK", answerWith({})),
  })),
  { what: "TLS 1.1 at most", code: "TlsFailed", tls: "old", answer: say("200 OK", answerWith({})) },
];

export interface Listening {
  readonly url: string;
  readonly caFile: string | undefined;
  /** The number of requests that arrived. */
  readonly requests: () => number;
  close(): void;
}

/** @param redirectPort the port that its redirects point to */
export async function listen({ answer, tls, closed }: Hostile, redirectPort: number): Promise<Listening> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let text = "";
    socket.on("data", (data) => {
      text += data;
      const [top = "", body] = text.split("\r\n\r\n", 2);
      const length = Number(/content-length: (\d+)/i.exec(top)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      requests++;
      const asked = text;
      text = "";
      const write = socket.end.bind(socket);
      // The redirects learn their target when the first request arrives.
      socket.end = ((data: unknown) =>
        write(typeof data === "string" ? data.replace("REDIRECT", String(redirectPort)) : "")) as typeof socket.end;
      answer?.(socket, asked);
    });
  };
  const certificates = tls && createServerTls(tls === "old" ? "good" : tls);
  const old: { maxVersion?: SecureVersion; minVersion?: SecureVersion; ciphers?: string } =
    tls === "old" ? { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } : {};
  const server: Server = certificates
    ? createTlsServer({ ...certificates.options, ...old }, onConnection).on("tlsClientError", () => {})
    : createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    certificates?.remove();
  };
  if (closed) server.close();
  return {
    url: `${certificates ? "https" : "http"}://127.0.0.1:${port}`,
    caFile: certificates?.caFile,
    requests: () => requests,
    close,
  };
}
