import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  bitString,
  element,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
  yes,
} from "./der.ts";

/** A certificate with its private key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that lasts for one run of the sandbox. */
export interface Authority {
  /** As PEM, for `AWS_CA_BUNDLE` and `NODE_EXTRA_CA_CERTS`. */
  readonly cert: string;
  /** A server certificate for host names and IPv4 addresses. Times are milliseconds since the epoch. */
  issue(
    hosts: readonly string[],
    notBefore: number,
    notAfter: number,
    options?: { readonly key?: KeyObject },
  ): Certificate;
}

const day = 86_400_000;

/** node:crypto can sign but cannot create certificates, so this builds them: P-256 with SHA-256. */
export function createAuthority(name: string, now: number): Authority {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authorityId = keyId(privateKey);
  const cert = certificate({
    subject: name,
    issuer: name,
    subjectKey: privateKey,
    issuerKey: privateKey,
    notBefore: now - day,
    notAfter: now + 3650 * day,
    extensions: [
      extension(oids.basicConstraints, sequence(yes), true),
      extension(oids.keyUsage, bitString(Buffer.from([0b0000_0110]), 1), true),
      extension(oids.subjectKeyIdentifier, octetString(authorityId)),
    ],
  });
  return {
    cert,
    issue: (hosts, notBefore, notAfter, options = {}) => {
      const key = options.key ?? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
      const leaf = certificate({
        subject: hosts[0] ?? name,
        issuer: name,
        subjectKey: key,
        issuerKey: privateKey,
        notBefore,
        notAfter,
        extensions: [
          extension(oids.basicConstraints, sequence(), true),
          extension(oids.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true),
          extension(oids.extendedKeyUsage, sequence(objectIdentifier(oids.serverAuthentication))),
          extension(oids.subjectKeyIdentifier, octetString(keyId(key))),
          extension(oids.authorityKeyIdentifier, sequence(element(0x80, authorityId))),
          extension(oids.subjectAlternativeName, sequence(...hosts.map(alternativeName))),
        ],
      });
      return { cert: leaf, key: key.export({ type: "pkcs8", format: "pem" }).toString() };
    },
  };
}

const oids = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
};

interface CertificateContent {
  readonly subject: string;
  readonly issuer: string;
  readonly subjectKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

function certificate(content: CertificateContent): string {
  const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const toSign = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    distinguishedName(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    distinguishedName(content.subject),
    publicKeyInfo(content.subjectKey),
    element(0xa3, sequence(...content.extensions)),
  );
  const der = sequence(toSign, algorithm, bitString(sign("sha256", toSign, content.issuerKey)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(oid), ...(critical ? [yes] : []), octetString(value));
}

function alternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress ? element(0x87, Buffer.from(host.split(".").map(Number))) : element(0x82, Buffer.from(host));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier(oids.commonName), utf8String(commonName.slice(0, 64)))));
}

function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

function keyId(key: KeyObject): Buffer {
  return createHash("sha1").update(publicKeyInfo(key)).digest();
}
