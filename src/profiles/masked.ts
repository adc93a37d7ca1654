/** An access key as it may be shown: its last four characters, as `aws configure` does. Of a secret, nothing. */
export function maskedAccessKey(text: string): string {
  return `****************${text.length >= 16 ? text.slice(-4) : ""}`;
}
