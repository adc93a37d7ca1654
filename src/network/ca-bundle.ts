import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { type Configuration, type Configured, configured } from "./configured.ts";

/** A file of certificates to trust, found but not yet read. */
export interface CaBundle {
  readonly path: string;
  /** The variable or the setting that names it. */
  readonly from: string;
  /** In addition to the authorities that Node trusts; else instead of them. */
  readonly additional: boolean;
  /** Differs when the file was changed. */
  readonly version: string;
}

const maximumBytes = 16 * 1024 * 1024;

/**
 * The file of certificates that is to be trusted. `AWS_CA_BUNDLE`, or else the profile's `ca_bundle`, replaces the
 * authorities that Node brings, as in botocore; `NODE_EXTRA_CA_CERTS` adds to them, as in Node. Then comes
 * `REQUESTS_CA_BUNDLE`, which the AWS CLI reads where no other bundle is named; last OpenSSL's `SSL_CERT_FILE`, which .NET honours on Linux; it often names a file that is no more, which OpenSSL forgives, and so do we.
 * @throws RoleError `CaBundleInvalid` when there is no such file
 */
export function findCaBundle(configuration: Configuration, context: Context): CaBundle | undefined {
  const { environment } = configuration;
  const ofAws = configured("AWS_CA_BUNDLE", "caBundle", configuration);
  if (ofAws) return locate(ofAws, context, false);

  const extra = environment.NODE_EXTRA_CA_CERTS;
  if (extra) return locate({ value: extra, from: "NODE_EXTRA_CA_CERTS" }, context, true);

  const ofRequests = environment.REQUESTS_CA_BUNDLE;
  if (ofRequests) return locate({ value: ofRequests, from: "REQUESTS_CA_BUNDLE" }, context, false);

  const ofOpenSsl = environment.SSL_CERT_FILE;
  if (!ofOpenSsl) return undefined;
  try {
    return locate({ value: ofOpenSsl, from: "SSL_CERT_FILE" }, context, false);
  } catch {
    context.say(`SSL_CERT_FILE names no file that can be read (${ofOpenSsl}) and has no effect.`);
    return undefined;
  }
}

function locate({ value, from }: Configured, context: Context, additional: boolean): CaBundle {
  const path = resolve(context.workingDirectory, value);
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw invalidCaBundle({ path, from }, "cannot be read", cause);
  }
  if (!stats.isFile()) throw invalidCaBundle({ path, from }, "is not a file");
  if (stats.size > maximumBytes) throw invalidCaBundle({ path, from }, "is larger than 16 MB");
  return { path, from, additional, version: `${stats.ino}:${stats.size}:${stats.mtimeMs}` };
}

export function invalidCaBundle(
  { path, from }: Pick<CaBundle, "path" | "from">,
  fault: string,
  cause?: unknown,
): RoleError {
  return new RoleError("CaBundleInvalid", `The file of certificates from ${from}, ${path}, ${fault}.`, {
    target: path,
    action: `Let ${from} name a file of certificates (-----BEGIN CERTIFICATE-----), or remove it.`,
    cause,
  });
}
