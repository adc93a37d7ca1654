/** The constraints that STS's API reference documents for a parameter. */
export interface TextShape {
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
  /** The pattern as AWS prints it. */
  readonly printed?: string;
}

export interface NumberShape {
  readonly min: number;
  readonly max: number;
}

// \w and \d are ASCII in AWS's patterns
const name = { pattern: /^[\w+=,.@-]*$/, printed: "[\\w+=,.@-]*" };
const tagText = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
const policyText = { pattern: /^[\t\n\r\u0020-\u00ff]+$/, printed: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" };

export const shapes = {
  arn: { min: 20, max: 2048 },
  roleSessionName: { min: 2, max: 64, ...name },
  sourceIdentity: { min: 2, max: 64, ...name },
  externalId: { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/, printed: "[\\w+=,.@:\\/-]*" },
  serialNumber: { min: 9, max: 256, pattern: /^[\w+=/:,.@-]*$/, printed: "[\\w+=/:,.@-]*" },
  tokenCode: { min: 6, max: 6, pattern: /^\d*$/, printed: "[\\d]*" },
  policy: { min: 1, max: 2048, ...policyText },
  tagKey: { min: 1, max: 128, pattern: new RegExp(`^${tagText}+$`, "u"), printed: `${tagText}+` },
  tagValue: { min: 0, max: 256, pattern: new RegExp(`^${tagText}*$`, "u"), printed: `${tagText}*` },
  webIdentityToken: { min: 4, max: 20_000 },
  samlAssertion: { min: 4, max: 100_000 },
} satisfies Readonly<Record<string, TextShape>>;

export const durations = {
  role: { min: 900, max: 43_200 },
  session: { min: 900, max: 129_600 },
} satisfies Readonly<Record<string, NumberShape>>;
