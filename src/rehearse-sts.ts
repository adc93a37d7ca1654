/**
 * Loads the STS client while nobody waits, and lets it make a call that stays in this process: what is run once is compiled, and the
 * first role that is not cached comes as fast as the next one.
 */
import type { Duplex } from "node:stream";

const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2000-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const response = `HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;

export async function rehearseSts(): Promise<void> {
  const [{ createSts }, http, stream] = await Promise.all([
    import("./assume-role.ts"),
    import("node:http"),
    import("node:stream"),
  ]);
  const agent = new http.Agent();
  // Whatever is asked, it is answered without a network.
  agent.createConnection = () => answer(new stream.Duplex());
  const sts = createSts({
    url: "http://sts.invalid",
    signingRegion: "us-east-1",
    transport: { agent, connectionTimeoutMs: 1000, requestTimeoutMs: 1000 },
    maxAttempts: 1,
    retryMode: "standard",
    signal: new AbortController().signal,
    now: Date.now,
    credentials: { accessKeyId: "AKIAREHEARSAL", secretAccessKey: "rehearsal" },
  });
  await sts.assumeRole({ RoleArn: "arn:aws:iam::000000000000:role/rehearsal", RoleSessionName: "rehearsal" });
  // The first one reads all of Node's certificates.
  (await import("node:tls")).createSecureContext();
}

function answer(connection: Duplex): Duplex {
  let isAnswered = false;
  connection._read = () => {};
  connection._write = (_chunk, _encoding, done) => {
    if (!isAnswered) connection.push(response);
    isAnswered = true;
    done();
  };
  return connection;
}
