import { createHash, type KeyObject, verify } from "node:crypto";

export const dsigNamespace = "http://www.w3.org/2000/09/xmldsig#";

/**
 * Verifies the enveloped signature of an element that is already in canonical form, as the sandbox's identity provider writes it. There is
 * no general canonicalization, so an element in any other form fails verification.
 */
export function isSignedElement(element: string, id: string, key: KeyObject): boolean {
  const signature = only(element, /<ds:Signature xmlns:ds="[^"]*">.*?<\/ds:Signature>/gs);
  if (!signature) return false;
  const signedInfo = only(signature, /<ds:SignedInfo>.*?<\/ds:SignedInfo>/gs);
  const reference = only(signature, /<ds:Reference URI="#([^"]*)">/g, 1);
  const digest = only(signature, /<ds:DigestValue>([^<]*)<\/ds:DigestValue>/g, 1);
  const value = only(signature, /<ds:SignatureValue>([^<]*)<\/ds:SignatureValue>/g, 1);
  if (!signedInfo || !digest || !value || reference !== id) return false;
  if (digestOf(element.replace(signature, "")) !== digest) return false;
  return verify("sha256", Buffer.from(signedInfoInContext(signedInfo)), key, Buffer.from(value, "base64"));
}

/** The only match of a pattern. Undefined when there is no match, or a second one that could be an attack. */
export function only(text: string, pattern: RegExp, group = 0): string | undefined {
  const matches = [...text.matchAll(pattern)];
  return matches.length === 1 ? matches[0]?.[group] : undefined;
}

export function digestOf(canonical: string): string {
  return createHash("sha256").update(canonical).digest("base64");
}

/** When an element is canonicalized on its own, it declares the namespace that it inherits in the document. */
export function signedInfoInContext(signedInfo: string): string {
  return signedInfo.replace("<ds:SignedInfo>", `<ds:SignedInfo xmlns:ds="${dsigNamespace}">`);
}
