import { createHash, createHmac } from "node:crypto";
import type { WireRequest } from "../http/server.ts";

/** The canonical request of SigV4, built only from what was received. */
export function canonicalRequest(
  request: WireRequest,
  signedHeaders: readonly string[],
  query: readonly (readonly [string, string])[],
  payloadHash: string,
): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}\n`);
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The signature of a canonical request, with the key derived for the scope `date/region/service/aws4_request`. */
export function signatureOf(canonical: string, secret: string, amzDate: string, scope: readonly string[]): string {
  const toSign = ["AWS4-HMAC-SHA256", amzDate, scope.join("/"), sha256(canonical)].join("\n");
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = scope.reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
}

/** A query string's pairs, decoded. A plus sign is literal and not a space, because SigV4 has no form encoding. */
export function queryPairs(query: string): [string, string][] {
  return query
    .split("&")
    .filter(Boolean)
    .map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
    });
}

function canonicalHeader(request: WireRequest, name: string): string {
  return request.headers
    .filter(([sent]) => sent.toLowerCase() === name)
    .map(([, value]) => value.trim().replace(/ +/g, " "))
    .join(",");
}

function canonicalQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort()
    .join("&");
}

// Every service but S3 escapes the received path's segments once more.
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(uriEncode(segment));
  }
  const slash = path.length > 1 && path.endsWith("/") && segments.length > 0 ? "/" : "";
  return `/${segments.join("/")}${slash}`;
}

function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
