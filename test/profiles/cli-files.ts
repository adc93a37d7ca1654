/**
 * Realistic files with the values that the AWS CLI 1.45 (botocore 1.43) reads from them. `npm run stress` compares the values with
 * botocore itself.
 */
export interface CliFile {
  readonly fact: string;
  readonly kind: "config" | "credentials";
  readonly text: string;
  /** Name → key → value. */
  readonly profiles: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const role = "arn:aws:iam::123456789012:role/Admin";
const one = (name: string, settings: Readonly<Record<string, string>>) => ({ [name]: settings });
const fileOf =
  (kind: CliFile["kind"]) =>
  (fact: string, text: string, profiles: CliFile["profiles"]): CliFile => ({ fact, kind, text, profiles });
const config = fileOf("config");
const credentials = fileOf("credentials");

export const cliFiles: readonly CliFile[] = [
  config(
    "keys that are indented evenly under their header",
    `[profile a]\n    role_arn = ${role}\n    source_profile = b\n[profile b]\n    region = x\n`,
    { a: { role_arn: role, source_profile: "b" }, b: { region: "x" } },
  ),
  credentials(
    "indented keys in credentials",
    "[a]\n  aws_access_key_id = A\n  aws_secret_access_key = S\n\n[b]\n\taws_access_key_id = B\n",
    { a: { aws_access_key_id: "A", aws_secret_access_key: "S" }, b: { aws_access_key_id: "B" } },
  ),
  config("indented headers with their keys", "  [profile a]\n  region = x\n  [profile b]\n  region = y\n", {
    a: { region: "x" },
    b: { region: "y" },
  }),
  config("an indented header before keys that are not", "  [profile a]\nregion = x\n", one("a", { region: "x" })),
  config("an indented header after a comment", "# c\n\t[profile a]\nregion = x\n", one("a", { region: "x" })),
  config("an indented header after a section without keys", "[profile a]\n  [profile b]\nregion = y\n", {
    a: {},
    b: { region: "y" },
  }),
  config(
    "a header that is indented deeper than the key above it as a part of its value",
    "[profile a]\nregion = x\n  [profile b]\n  output = y\n",
    one("a", { region: "x\n[profile b]\noutput = y" }),
  ),
  config(
    "a line that continues a value only where it is indented deeper than its key",
    "[profile a]\n  region = x\n    y\n  output = z\n",
    one("a", { region: "x\ny", output: "z" }),
  ),
  config(
    "a key that is indented less than the one above it",
    "[profile a]\n    region = x\n  output = z\nrole_arn = r\n",
    one("a", { region: "x", output: "z", role_arn: "r" }),
  ),
  config(
    "a tab as one character of indentation",
    "[profile a]\n  region = x\n\toutput = z\n",
    one("a", { region: "x", output: "z" }),
  ),
  config(
    "a nested map among indented keys",
    "[profile a]\n  region = x\n  s3 =\n    region = y\n  output = z\n",
    one("a", { region: "x", output: "z" }),
  ),
  config(
    "comments at any indentation between indented keys",
    "[profile a]\n  region = x\n# c\n      ; c\n  output = z\n",
    one("a", { region: "x", output: "z" }),
  ),
  config(
    "CRLF and indented keys",
    "[profile a]\r\n  region = x\r\n  output = z\r\n",
    one("a", { region: "x", output: "z" }),
  ),
  config(
    "a colon for the equals sign",
    "[profile a]\nregion: x\noutput : y = z\n",
    one("a", { region: "x", output: "y = z" }),
  ),
  config(
    "a carriage return alone for a line break",
    "[profile a]\rregion = x\r\routput = y\r",
    one("a", { region: "x", output: "y" }),
  ),
  config("a carriage return too many", "[profile a]\r\r\nregion = x\r\r\n", one("a", { region: "x" })),

  config("a name between single quotes", "[profile 'my keys']\nregion = x\n", one("my keys", { region: "x" })),
  config("a name between double quotes", '[profile "my keys"]\nregion = x\n', one("my keys", { region: "x" })),
  config("a name with an escaped blank", "[profile my\\ keys]\nregion = x\n", one("my keys", { region: "x" })),
  config("a quote within quotes", '[profile "Jo\'s"]\nregion = x\n', one("Jo's", { region: "x" })),
  config("a name in Unicode", "[profile größe]\nregion = x\n[profile 日本]\nregion = y\n", {
    größe: { region: "x" },
    日本: { region: "y" },
  }),
  config("a name with punctuation", "[profile 'Prod (EU) & co, ~1 #2 ;3']\nregion = x\n[profile a~b]\nregion = y\n", {
    "Prod (EU) & co, ~1 #2 ;3": { region: "x" },
    "a~b": { region: "y" },
  }),
  config("no name of two words without quotes", "[profile my keys]\nregion = x\n", {}),
  config("no name with an open quote", "[profile 'my keys]\nregion = x\n", {}),
  config("two blanks before a name", "[profile  a]\nregion = x\n", one("a", { region: "x" })),
  config("a tab before a name", "[profile\ta]\nregion = x\n", one("a", { region: "x" })),
  config("a blank after a name", "[profile a ]\nregion = x\n", one("a", { region: "x" })),
  config("what follows the bracket as nothing", "[profile a] /* note */\nregion = x\n[profile b]note\nregion = y\n", {
    a: { region: "x" },
    b: { region: "y" },
  }),
  config("`profiles` as `profile`", "[profiles a]\nregion = x\n", one("a", { region: "x" })),
  config("`Profile` as another kind of section", "[Profile a]\nregion = x\n[PROFILE b]\nregion = x\n", {}),
  config("a name without `profile` as another kind of section", "[a]\nregion = x\n[plugins]\nx = y\n", {}),
  credentials("names with blanks", "[my keys]\naws_access_key_id = A\n", one("my keys", { aws_access_key_id: "A" })),
  credentials("a name's quotes as a part of it", "['my keys']\nregion = x\n", one("'my keys'", { region: "x" })),
  credentials("a name in Unicode", "[größe]\nregion = x\n[Büro 1]\nregion = y\n", {
    größe: { region: "x" },
    "Büro 1": { region: "y" },
  }),
  credentials("names with punctuation", "[Prod (EU)]\nregion = x\n[R&D, ~1 #2 ;3]\nregion = y\n[a]b]\nregion = z\n", {
    "Prod (EU)": { region: "x" },
    "R&D, ~1 #2 ;3": { region: "y" },
    "a]b": { region: "z" },
  }),
  credentials("what follows the bracket as nothing", "[a] note\nregion = x\n", one("a", { region: "x" })),

  config(
    "no-break spaces around keys and values as blanks",
    "[profile a]\nregion\u00a0=\u00a0x\u00a0\n\u00a0\u00a0output = y\n",
    one("a", { region: "x\noutput = y" }),
  ),
  config(
    "no-break spaces as an indentation",
    "[profile a]\n\u00a0\u00a0region = x\n\u00a0\u00a0output = y\n\u3000role_arn = z\n",
    one("a", { region: "x", output: "y", role_arn: "z" }),
  ),
  config(
    "no-break spaces within a value as a part of it",
    "[profile a]\nregion = x\u00a0y\n",
    one("a", { region: "x\u00a0y" }),
  ),
  config("no header with a no-break space in it", "[profile\u00a0a]\nregion = x\n", {}),
  config(
    "control characters at an end as blanks",
    "[profile a]\nregion = \u001cx\u0085\v\n",
    one("a", { region: "x" }),
  ),
  config(
    "comment marks between the quotes of a credential_process",
    `[profile a]\ncredential_process = "/opt/my ;tool" --name ' #1' "a \\" ;b"\n`,
    one("a", { credential_process: `"/opt/my ;tool" --name ' #1' "a \\" ;b"` }),
  ),
  credentials(
    "the older name of the session token",
    "[a]\naws_access_key_id = A\naws_secret_access_key = S\naws_security_token = T\n",
    one("a", { aws_access_key_id: "A", aws_secret_access_key: "S", aws_session_token: "T" }),
  ),
  credentials(
    "the older name of the session token first",
    "[a]\naws_security_token = T\naws_session_token = U\n",
    one("a", { aws_session_token: "T" }),
  ),
];
