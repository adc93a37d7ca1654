import * as tls from "node:tls";
import { type CaBundle, readCaBundle } from "./ca-bundle.ts";

/**
 * Whom to trust in TLS. Nothing is read before the first connection needs it: authorities are what makes the first TLS
 * connection slow.
 * @param systemToo also those of the operating system, as Node itself does for `NODE_USE_SYSTEM_CA=1`, where it can
 * (Node 22.15, 24 and later)
 * @returns a function that gives undefined for Node's own choice, or throws RoleError `CaBundleInvalid`
 */
export function trustOf(caBundle: CaBundle | undefined, systemToo: boolean): () => tls.SecureContext | undefined {
  let context: tls.SecureContext | undefined;
  return () => {
    context ??= secureContext(caBundle, systemToo);
    return context;
  };
}

function secureContext(caBundle: CaBundle | undefined, systemToo: boolean): tls.SecureContext | undefined {
  const system = systemToo && (!caBundle || caBundle.additional) ? systemAuthorities() : [];
  if (!caBundle && system.length === 0) return undefined;

  const bundled = !caBundle || caBundle.additional ? tls.rootCertificates : [];
  const given = caBundle ? readCaBundle(caBundle) : [];
  return tls.createSecureContext({ ca: [...bundled, ...system, ...given], minVersion: "TLSv1.2" });
}

function systemAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "system") => readonly string[] };
  return getCACertificates?.("system") ?? [];
}
