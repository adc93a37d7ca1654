import type { KeyObject } from "node:crypto";
import { AwsError } from "../errors.ts";
import { attributePrefix } from "./saml-idp.ts";
import { isSignedElement, only } from "./xml-signature.ts";

/** The values that AWS reads from an assertion. */
export interface SamlAssertion {
  readonly issuer: string;
  readonly subject: string;
  readonly subjectType: string;
  /** The assertion's intended recipient: `SAML:aud`. */
  readonly recipient: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

const recipients = /^https:\/\/([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)\/saml$/;

/**
 * Reads a SAML response and makes all the checks that STS makes.
 * @throws AwsError `InvalidIdentityToken`, `ExpiredTokenException`
 */
export function readSamlAssertion(base64: string, issuer: string, key: KeyObject, now: number): SamlAssertion {
  const response = Buffer.from(base64, "base64").toString("utf8");
  const xml = only(response, /<Assertion .*?<\/Assertion>/gs);
  const id = xml && only(xml, /^<Assertion [^>]*\bID="([^"]*)"/g, 1);
  if (!xml || !id) throw invalid("Invalid base64 SAMLResponse");
  if (!response.includes('Value="urn:oasis:names:tc:SAML:2.0:status:Success"')) {
    throw invalid("Response did not contain a successful status");
  }
  const text = (pattern: RegExp) => unescapeXml(only(xml, pattern, 1) ?? "");
  if (text(/<Issuer>([^<]*)<\/Issuer>/g) !== issuer) throw invalid("Issuer not present in specified provider");
  if (!isSignedElement(xml, id, key)) throw invalid("Response signature invalid");

  checkTimes(xml, now);
  const audience = text(/<Audience>([^<]*)<\/Audience>/g);
  const recipient = text(/<SubjectConfirmationData [^>]*Recipient="([^"]*)"/g);
  if (audience !== "urn:amazon:webservices" && !recipients.test(audience)) {
    throw invalid("Audience restriction of the assertion is not met");
  }
  if (!recipients.test(recipient)) throw invalid("Recipient of the assertion is not AWS");
  const format = text(/<NameID Format="([^"]*)">/g);
  return {
    issuer,
    subject: text(/<NameID [^>]*>([^<]*)<\/NameID>/g),
    subjectType: format.replace("urn:oasis:names:tc:SAML:2.0:nameid-format:", ""),
    recipient,
    attributes: readAttributes(xml),
  };
}

export function attribute(assertion: SamlAssertion, name: string): readonly string[] {
  return assertion.attributes.get(attributePrefix + name) ?? [];
}

function checkTimes(xml: string, now: number): void {
  const time = (pattern: RegExp) => Date.parse(only(xml, pattern, 1) ?? "");
  const issued = time(/^<Assertion [^>]*IssueInstant="([^"]*)"/g);
  const notBefore = time(/<Conditions [^>]*NotBefore="([^"]*)"/g);
  const ends = [/<Conditions [^>]*NotOnOrAfter="([^"]*)"/g, /<SubjectConfirmationData [^>]*NotOnOrAfter="([^"]*)"/g];
  const expired = ends.some((pattern) => !(now < time(pattern)));
  if (expired || !(now - issued < 5 * 60_000) || !(notBefore <= now + 5 * 60_000)) {
    throw new AwsError("ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance");
  }
}

function readAttributes(xml: string): Map<string, readonly string[]> {
  const attributes = [...xml.matchAll(/<Attribute Name="([^"]*)">(.*?)<\/Attribute>/gs)];
  return new Map(
    attributes.map(([, name = "", inner = ""]) => [
      unescapeXml(name),
      [...inner.matchAll(/<AttributeValue>([^<]*)<\/AttributeValue>/g)].map(([, value = ""]) => unescapeXml(value)),
    ]),
  );
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return text.replace(/&(lt|gt|quot|amp);/g, (_, name: string) => named[name] ?? "");
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidIdentityToken", 400, message);
}
