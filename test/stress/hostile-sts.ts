/** Servers in place of STS that answer endlessly, slowly or oddly. test/assume-role/sts/errors.test.ts has the plain wrong answers. */
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createServerTls } from "../sandbox/tls/server-tls.ts";

export interface Hostile {
  readonly what: string;
  /** The accepted results of the request. */
  readonly code: string | RegExp;
  /** What the server does with a connection once it receives the request. */
  readonly answer: (socket: Socket, request: string) => void;
  /** It speaks TLS 1.1 at most. */
  readonly oldTls?: boolean;
  /** It runs into the client's timeout. */
  readonly slow?: boolean;
}

const crlf = "\r\n";
const head = (status: string, ...headers: string[]) =>
  [`HTTP/1.1 ${status}`, ...headers, "Connection: close", "", ""].join(crlf);
const xml = (status: string, ...headers: string[]) => head(status, "Content-Type: text/xml", ...headers);
const say = (status: string, body: string) => (socket: Socket) =>
  socket.end(`${xml(status, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`);

const answerWith = (accessKeyId: string) =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret-of-hostile</SecretAccessKey><SessionToken>token-of-hostile</SessionToken>
<Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const whole = answerWith("ASIAHOSTILE000000001");
const errorWith = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** Each entity is ten times the one before. */
const entities = [..."bcdefghijklmnopqrstuvwxyz"]
  .map((name) => `<!ENTITY ${name} "${`&${String.fromCharCode(name.charCodeAt(0) - 1)};`.repeat(10)}">`)
  .join("");

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
const pourChunks = (status: string) => (socket: Socket) => {
  socket.write(xml(status, "Transfer-Encoding: chunked"));
  pour(socket, gigabyte, (block) => `${block.length.toString(16)}${crlf}${block}${crlf}`);
};

function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), 1000);
  socket.on("close", () => clearInterval(timer));
}

const invalid = "StsResponseInvalid";
const cut = /^Sts(?:Unreachable|ResponseInvalid)$/;

export const hostiles: readonly Hostile[] = [
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
    answer(socket) {
      socket.write(`HTTP/1.1 200 OK${crlf}`);
      pour(socket, gigabyte, (block) => `X: ${block}${crlf}`);
    },
  },
  {
    what: "endless 100 Continue responses",
    code: /^Sts(?:Timeout|Unreachable|ResponseInvalid)$/,
    answer: (socket) => pour(socket, gigabyte, () => `HTTP/1.1 100 Continue${crlf}${crlf}`.repeat(2000)),
    slow: true,
  },
  {
    what: "a protocol switch",
    code: /^Sts/,
    answer: (socket) => socket.write(head("101 Switching Protocols", "Upgrade: x")),
    slow: true,
  },
  {
    what: "a body of 1 GB, with a Content-Length",
    code: invalid,
    answer(socket) {
      socket.write(xml("200 OK", `Content-Length: ${gigabyte}`));
      pour(socket, gigabyte);
    },
  },
  { what: "a body of 1 GB, chunked", code: invalid, answer: pourChunks("200 OK") },
  { what: "an error of 1 GB", code: /^Sts(?:ResponseInvalid|Failed)$/, answer: pourChunks("400 Bad Request") },
  { what: "a failure of 1 GB", code: /^Sts(?:ResponseInvalid|Failed)$/, answer: pourChunks("500 No") },
  {
    what: "a body shorter than its Content-Length",
    code: cut,
    answer: (socket) => socket.end(`${xml("200 OK", "Content-Length: 5000")}${whole}`),
  },
  {
    what: "nested entity expansion",
    code: invalid,
    answer: say("200 OK", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${entities}]>${answerWith("&z;")}`),
  },
  {
    what: "an external entity that reads a file",
    code: invalid,
    answer: say("200 OK", `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${answerWith("&f;")}`),
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
  { what: "TLS 1.1 at most", code: "TlsFailed", oldTls: true, answer: say("200 OK", whole) },
];

export interface Listening {
  readonly url: string;
  readonly caFile: string | undefined;
  /** The number of requests that arrived. */
  readonly requests: () => number;
  close(): void;
}

export async function listen({ answer, oldTls }: Hostile): Promise<Listening> {
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
      answer(socket, asked);
    });
  };
  const tls = oldTls ? createServerTls("good") : undefined;
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const server = tls
    ? createTlsServer({ ...tls.options, ...old }, onConnection).on("tlsClientError", () => {})
    : createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    caFile: tls?.caFile,
    requests: () => requests,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      tls?.remove();
    },
  };
}
