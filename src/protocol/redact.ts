/** How secrets are kept out of what is shown. */

/** An access key as it may be shown: its last four characters, as `aws configure` does. Of a secret, nothing. */
export function maskedAccessKey(text: string): string {
  return `****************${text.length >= 16 ? text.slice(-4) : ""}`;
}

/** The most that is shown of a message from outside, in characters; STS's own are a tenth of it. */
const longestMessage = 4000;

// JSON Web Tokens and SAML assertions begin with these, whoever wrote them.
const assertions = /eyJ[\w-]{8,}(?:\.[\w-]*){1,2}|PD94[\w+/=]{40,}|PHNhbWx[\w+/=]{40,}/g;

/** A server's message, which may repeat what it was sent: AWS's own do, where a signature does not match. */
export function redact(message: string, secrets: readonly (string | undefined)[]): string {
  let text = message.replace(assertions, mask);
  for (const secret of secrets) {
    if (!secret) continue;
    for (const form of [secret, encodeURIComponent(secret)]) text = text.replaceAll(form, mask);
  }
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

const mask = "****";
