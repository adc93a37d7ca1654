import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `{requestId}` in the body is replaced by the request id, which is in the headers too. */
  readonly body: string;
}

const filling = "x".repeat(65_536);

/** Sends a response, modified by the fault if there is one. Returns the status that was sent. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  requestId: string,
  fault: Fault = {},
): Promise<number> {
  const status = fault.status ?? answer.status;
  for (const [name, value] of Object.entries({ ...answer.headers, ...fault.headers })) response.setHeader(name, value);
  const body = Buffer.from(fault.body ?? answer.body.replaceAll("{requestId}", requestId));
  const length = fault.bodyBytes ?? body.length;
  // A fault may declare its own Content-Length
  if (!response.hasHeader("Content-Length")) response.setHeader("Content-Length", length);
  response.writeHead(status);

  if (fault.bodyBytes !== undefined) await sendFilling(response, fault.bodyBytes);
  else if (fault.bytesPerSecond !== undefined) await sendSlowly(response, body, fault.bytesPerSecond);
  else if (fault.cut === "midBody") {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
  } else response.end(body);
  return status;
}

async function sendFilling(response: ServerResponse, bytes: number): Promise<void> {
  const closed = once(response, "close");
  for (let left = bytes; left > 0 && !response.destroyed; left -= filling.length) {
    const more = response.write(filling.slice(0, left));
    if (!more) await Promise.race([once(response, "drain"), closed]);
  }
  response.end();
}

async function sendSlowly(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  for (let sent = 0; sent < body.length && !response.destroyed; sent += 1) {
    response.write(body.subarray(sent, sent + 1));
    await sleep(1000 / bytesPerSecond);
  }
  response.end();
}
