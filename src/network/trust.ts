import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import { type CaBundle, invalidCaBundle } from "./ca-bundle.ts";
import type { Trust } from "./connections.ts";

/**
 * Builds the TLS trust, at the first connection that needs it, because loading authorities is what makes the first TLS
 * connection slow. The operating system's authorities take half a second to load, so they are added only after a server is
 * not trusted without them. They include a company's own authority, as in its browsers. Needs Node 22.15, or 24 and later.
 * @param systemFirst adds them from the start, as Node does for `NODE_USE_SYSTEM_CA=1`
 */
export function trustOf(
  caBundle: CaBundle | undefined,
  {
    systemFirst = false,
    systemAuthorities = readSystemAuthorities,
  }: { readonly systemFirst?: boolean; readonly systemAuthorities?: () => readonly string[] },
): Trust {
  let withSystem = systemFirst;
  let made: tls.SecureContext | undefined;
  return {
    context() {
      const canAdd = withSystem && (!caBundle || caBundle.additional);
      made ??= secureContext(caBundle, canAdd ? systemAuthorities() : []);
      return made;
    },
    addSystem() {
      if (withSystem || (caBundle && !caBundle.additional) || systemAuthorities().length === 0) return false;
      withSystem = true;
      made = undefined;
      return true;
    },
  };
}

/** @throws RoleError `CaBundleInvalid` */
function secureContext(caBundle: CaBundle | undefined, system: readonly string[]): tls.SecureContext {
  const options: tls.SecureContextOptions = {
    minVersion: "TLSv1.2",
    // OpenSSL's level 2 rejects RSA keys below 2,048 bits anywhere in a server's chain. Newer Node versions default to it.
    ciphers: `${tls.DEFAULT_CIPHERS}:@SECLEVEL=2`,
  };
  // Without a list, Node shares its own authorities between all contexts, which is much faster.
  if (!caBundle && system.length === 0) return tls.createSecureContext(options);

  const bundled = !caBundle || caBundle.additional ? tls.rootCertificates : [];
  const given = caBundle ? readCaBundle(caBundle) : [];
  return tls.createSecureContext({ ...options, ca: [...bundled, ...system, ...given] });
}

function readSystemAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "system") => readonly string[] };
  return getCACertificates?.("system") ?? [];
}

/**
 * Reads the PEM certificates of a bundle. OpenSSL silently stops at an unreadable one, so each is parsed individually.
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
