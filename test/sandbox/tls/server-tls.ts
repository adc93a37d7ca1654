import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, type SecureContext, type TlsOptions } from "node:tls";
import { createAuthority } from "./certificates.ts";

/** How the sandbox's certificate is valid or invalid. */
export type TlsKind = "good" | "wrongHost" | "expired" | "notYetValid" | "untrusted" | "weakKey";

export interface ServerTls {
  readonly options: TlsOptions;
  /** The authority's certificate, for clients to trust. */
  readonly caFile: string;
  remove(): void;
}

const day = 86_400_000;

/** Certificates for loopback and, through the proxy, for any host that a client requests. */
export function createServerTls(kind: TlsKind): ServerTls {
  // Uses the real clock, because clients do
  const now = Date.now();
  const trusted = createAuthority("RoleCredentials sandbox CA", now);
  const signer = kind === "untrusted" ? createAuthority("RoleCredentials foreign CA", now) : trusted;
  const start = kind === "notYetValid" ? now + day : now - 2 * day;
  const end = kind === "expired" ? now - day : now + 30 * day;
  const issue = (hosts: readonly string[]) =>
    signer.issue(
      kind === "wrongHost" ? ["wrong.sandbox.example"] : hosts,
      start,
      end,
      kind === "weakKey" ? weakKey() : {},
    );
  // OpenSSL refuses such a key on the server side too.
  const weak = kind === "weakKey" && { ciphers: "DEFAULT:@SECLEVEL=0" };

  const byName = new Map<string, SecureContext>();
  const directory = mkdtempSync(join(tmpdir(), "sandbox-ca-"));
  const caFile = join(directory, "ca.pem");
  writeFileSync(caFile, trusted.cert);
  return {
    caFile,
    options: {
      ...issue(["localhost", "127.0.0.1"]),
      ...weak,
      SNICallback: (name, done) => {
        const context = byName.get(name) ?? createSecureContext({ ...issue([name]), ...weak });
        byName.set(name, context);
        done(null, context);
      },
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** RSA with 1,024 bits, half of what AWS and browsers require. */
function weakKey(): { readonly key: KeyObject } {
  return { key: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey };
}
