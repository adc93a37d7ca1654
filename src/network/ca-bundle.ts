import type { BigIntStats } from "node:fs";
import { stateOf, statOf } from "../platform/file-state.ts";
import { absolute } from "../profiles/locations.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { type Configuration, type Configured, configured, firstVariable } from "./configured.ts";

/** A file of trusted certificates, found but not yet read. */
export interface CaBundle {
  readonly path: string;
  /** The variable or setting that names the file. */
  readonly from: string;
  /** True to add to Node's built-in authorities, false to replace them. */
  readonly additional: boolean;
  /** Changes when the file changes. */
  readonly version: string;
}

const maximumBytes = 16 * 1024 * 1024;

/**
 * Finds the file of trusted certificates. `AWS_CA_BUNDLE`, or the profile's `ca_bundle`, replaces Node's built-in
 * authorities, as in botocore. `NODE_EXTRA_CA_CERTS` adds to them, as in Node. `REQUESTS_CA_BUNDLE` comes third: the AWS
 * CLI reads it when no other bundle is named. OpenSSL's `SSL_CERT_FILE`, which .NET honors on Linux, comes last; it often
 * names a file that no longer exists, and like OpenSSL we ignore that.
 * @throws RoleError `CaBundleInvalid` when the file does not exist
 */
export function findCaBundle(configuration: Configuration, context: Context): CaBundle | undefined {
  const { environment } = configuration;
  const named =
    configured("AWS_CA_BUNDLE", "caBundle", configuration) ??
    firstVariable(environment, "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE");
  if (named) return locate(named, context);
  const ofOpenSsl = firstVariable(environment, "SSL_CERT_FILE");
  try {
    return ofOpenSsl && locate(ofOpenSsl, context);
  } catch {
    context.say(`Ignoring SSL_CERT_FILE: cannot read ${ofOpenSsl?.value}.`);
    return undefined;
  }
}

function locate({ value, from }: Configured, context: Context): CaBundle {
  // botocore's HTTP library expands ~ too.
  const path = absolute(value, context);
  let stats: BigIntStats | undefined;
  try {
    stats = statOf(path);
  } catch (cause) {
    throw invalidCaBundle({ path, from }, "cannot be read", cause);
  }
  if (!stats) throw invalidCaBundle({ path, from }, "cannot be read");
  if (!stats.isFile()) throw invalidCaBundle({ path, from }, "is not a file");
  if (stats.size > maximumBytes) throw invalidCaBundle({ path, from }, "is larger than 16 MB");
  return { path, from, additional: from === "NODE_EXTRA_CA_CERTS", version: stateOf(stats) };
}

export function invalidCaBundle(
  { path, from }: Pick<CaBundle, "path" | "from">,
  fault: string,
  cause?: unknown,
): RoleError {
  return new RoleError("CaBundleInvalid", `The CA bundle from ${from}, ${path}, ${fault}.`, {
    target: path,
    action: `Set ${from} to a PEM file of certificates (-----BEGIN CERTIFICATE-----), or remove it.`,
    cause,
  });
}
