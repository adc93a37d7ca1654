import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import { type CaBundle, invalidCaBundle } from "./ca-bundle.ts";

/**
 * Whom to trust in TLS. Nothing is read before the first connection needs it: authorities are what makes the first TLS
 * connection slow.
 * @param systemToo also those of the operating system, as Node itself does for `NODE_USE_SYSTEM_CA=1`, where it can
 * (Node 22.15, 24 and later)
 * @returns a function that gives undefined for Node's own choice, or throws RoleError `CaBundleInvalid`
 */
export function trustOf(caBundle: CaBundle | undefined, systemToo: boolean): () => tls.SecureContext | undefined {
  let decided: { context: tls.SecureContext | undefined } | undefined;
  return () => {
    decided ??= { context: secureContext(caBundle, systemToo) };
    return decided.context;
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

/**
 * The certificates in a bundle, each in PEM. One that OpenSSL cannot read would hide all that follow it, so each is tried.
 */
function readCaBundle(bundle: CaBundle): string[] {
  let text: string;
  try {
    text = readFileSync(bundle.path, "latin1");
  } catch (cause) {
    throw invalidCaBundle(bundle, "cannot be read", cause);
  }
  const certificates =
    text.match(/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END \1CERTIFICATE-----/g) ?? [];
  const begun = text.match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g)?.length ?? 0;
  if (begun === 0) throw invalidCaBundle(bundle, "has no certificate in PEM form");
  const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (broken !== -1) throw invalidCaBundle(bundle, `has a broken certificate, number ${broken + 1}`);
  if (certificates.length < begun) throw invalidCaBundle(bundle, "has a certificate that is cut off");
  return certificates;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
