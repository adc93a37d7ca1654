/**
 * An STS for timing: it answers AssumeRole at once or after a delay, and checks nothing. The strict sandbox's checks (signature, policies,
 * sessions) take longer than the clients under comparison. Prints its URLs as one line of JSON, and exits when its standard input closes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createServerTls } from "../test/sandbox/tls/server-tls.ts";

let issued = 0;

function answer(delay: number) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = assumed(new URLSearchParams(Buffer.concat(parts).toString()));
      const send = () =>
        response.writeHead(200, { "content-type": "text/xml", "content-length": Buffer.byteLength(body) }).end(body);
      if (delay > 0) setTimeout(send, delay);
      else send();
    });
  };
}

function assumed(parameters: URLSearchParams): string {
  const session = parameters.get("RoleSessionName") ?? "session";
  const arn = `${(parameters.get("RoleArn") ?? "").replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${session}`;
  const key = `ASIA${String(++issued).padStart(16, "0")}`;
  const expiration = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE0000000000:${session}</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0000</SecretAccessKey><SessionToken>${"T".repeat(400)}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

const tls = createServerTls("good");
const servers = {
  http: createServer(answer(0)),
  https: createTlsServer(tls.options, answer(0)),
  slow: createServer(answer(50)),
};

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

Promise.all(Object.values(servers).map(listen)).then(([http, https, slow]) => {
  const urls = {
    http: `http://127.0.0.1:${http}`,
    https: `https://127.0.0.1:${https}`,
    slow: `http://127.0.0.1:${slow}`,
  };
  process.stdout.write(`${JSON.stringify({ ...urls, caFile: tls.caFile })}\n`);
});
process.stdin
  .on("end", () => {
    tls.remove();
    process.exit(0);
  })
  .resume();
