import { createPublicKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { type Clock, isoSeconds } from "../clock.ts";
import { escapeXml } from "../sts/xml.ts";
import { lateRsaKey, newRsaKey } from "./rsa-key.ts";
import { digestOf, dsigNamespace, signedInfoInContext } from "./xml-signature.ts";

/** The contents of a minted assertion. Times are seconds from now. */
export interface SamlAssertionOptions {
  /** Pairs of `role ARN,provider ARN` that the user may choose from. */
  readonly roles: readonly string[];
  readonly roleSessionName?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly recipient?: string;
  readonly issuer?: string;
  readonly issuedInSeconds?: number;
  readonly expiresInSeconds?: number;
  /** Additional attributes by their full names, such as tags and the source identity. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly foreignKey?: boolean;
}

/** A SAML 2.0 identity provider that signs with RSA-SHA256 and exclusive canonicalization. */
export interface SamlIdp {
  /** A signed response, Base64-encoded as `SAMLAssertion` requires. */
  mint(options: SamlAssertionOptions): string;
  publicKey(): KeyObject;
}

export const attributePrefix = "https://aws.amazon.com/SAML/Attributes/";

export function createSamlIdp(issuer: string, clock: Clock): SamlIdp {
  const ownKey = lateRsaKey();
  return {
    publicKey: () => createPublicKey(ownKey()),
    mint: (options) => {
      const assertion = assertionXml({ issuer, ...options }, clock.now());
      const signature = signatureXml(assertion, options.foreignKey ? newRsaKey() : ownKey());
      const signed = assertion.xml.replace("</Issuer>", `</Issuer>${signature}`);
      const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${randomUUID()}" IssueInstant="${isoSeconds(clock.now())}" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>${signed}</samlp:Response>`;
      return Buffer.from(response).toString("base64");
    },
  };
}

interface AssertionXml {
  readonly id: string;
  /** Already in canonical form: sorted attributes, no self-closing elements, one namespace. */
  readonly xml: string;
}

function assertionXml(options: SamlAssertionOptions & { readonly issuer: string }, now: number): AssertionXml {
  const id = `_${randomUUID()}`;
  const at = (seconds: number) => isoSeconds(now + seconds * 1000);
  const { issuedInSeconds = 0, expiresInSeconds = 300, subject = "jo@sandbox.example" } = options;
  const { audience = "urn:amazon:webservices", recipient = "https://signin.aws.amazon.com/saml" } = options;
  const until = at(expiresInSeconds);
  const attributes: Record<string, readonly string[]> = {
    [`${attributePrefix}Role`]: options.roles,
    ...(options.roleSessionName !== "" && {
      [`${attributePrefix}RoleSessionName`]: [options.roleSessionName ?? "jo@sandbox.example"],
    }),
    ...options.attributes,
  };
  const xml = [
    `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" IssueInstant="${at(issuedInSeconds)}" Version="2.0">`,
    `<Issuer>${escapeXml(options.issuer)}</Issuer>`,
    `<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${escapeXml(subject)}</NameID>`,
    `<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${escapeXml(recipient)}"></SubjectConfirmationData></SubjectConfirmation></Subject>`,
    `<Conditions NotBefore="${at(issuedInSeconds)}" NotOnOrAfter="${until}"><AudienceRestriction><Audience>${escapeXml(audience)}</Audience></AudienceRestriction></Conditions>`,
    `<AuthnStatement AuthnInstant="${at(issuedInSeconds)}"></AuthnStatement>`,
    `<AttributeStatement>${Object.entries(attributes).map(attributeXml).join("")}</AttributeStatement></Assertion>`,
  ].join("");
  return { id, xml };
}

function attributeXml([name, values]: [string, readonly string[]]): string {
  const inner = values.map((value) => `<AttributeValue>${escapeXml(value)}</AttributeValue>`).join("");
  return `<Attribute Name="${escapeXml(name)}">${inner}</Attribute>`;
}

function signatureXml({ id, xml }: AssertionXml, key: KeyObject): string {
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const signedInfo = [
    `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${exclusive}"></ds:CanonicalizationMethod>`,
    `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>`,
    `<ds:Reference URI="#${id}"><ds:Transforms>`,
    `<ds:Transform Algorithm="${dsigNamespace}enveloped-signature"></ds:Transform>`,
    `<ds:Transform Algorithm="${exclusive}"></ds:Transform></ds:Transforms>`,
    `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>`,
    `<ds:DigestValue>${digestOf(xml)}</ds:DigestValue></ds:Reference></ds:SignedInfo>`,
  ].join("");
  const value = sign("sha256", Buffer.from(signedInfoInContext(signedInfo)), key).toString("base64");
  return `<ds:Signature xmlns:ds="${dsigNamespace}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
}
