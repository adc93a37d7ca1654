/** Removes secrets from text before it is shown. */

/** Masks an access key except for its last four characters, as `aws configure` does. Masks a shorter text completely. */
export function maskedAccessKey(text: string): string {
  return `****************${text.length >= 16 ? text.slice(-4) : ""}`;
}

/** The maximum length of a server's message in characters. Messages from STS are about a tenth of it. */
const longestMessage = 4000;

// The starts of every JSON Web Token and SAML assertion: base64 of `{"`, `<?x` and `<saml`.
const assertions = /eyJ[\w-]{8,}(?:\.[\w-]*){1,2}|PD94[\w+/=]{40,}|PHNhbWx[\w+/=]{40,}/g;

/** Redacts a server's message, which may repeat secrets from the request. AWS does so if a signature does not match. */
export function redact(message: string, secrets: readonly (string | undefined)[]): string {
  let text = message.replace(assertions, mask);
  for (const secret of secrets) {
    if (!secret) continue;
    for (const form of [secret, encodeURIComponent(secret)]) text = text.replaceAll(form, mask);
  }
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

const mask = "****";
