/** The messages about completions. */

/** The kinds of completions. */
export type CompletionSubject =
  | "profile"
  | "role"
  | "roleOrProfile"
  | "roleName"
  | "account"
  | "ssoSession"
  | "region"
  | "mfaSerial"
  | "policy"
  | "credentialSource"
  | "color"
  | "destination"
  | "containerColor"
  | "containerIcon";

export interface CompletionParams {
  subject: CompletionSubject;
  /** The text typed so far, without quotes. */
  word: string;
  profileLocation?: string;
  /** Other parameters on the command line that narrow the choice. */
  accountId?: string;
  roleName?: string;
  roleArn?: string;
  ssoSession?: string;
}

export interface Completion {
  text: string;
  /** A description in one line. */
  tip: string;
}

export interface CompletionList {
  completions: Completion[];
}
