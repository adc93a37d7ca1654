import type { OneOrMore, Statement } from "./world-types.ts";

/** A request's condition keys, by lower-cased name. An absent key differs from an empty one. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

/** Whether every operator and key in a statement's Condition matches. Knows the operators that the tests' policies use. */
export function conditionsHold(condition: Statement["Condition"], context: ConditionContext): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, key, toList(expected), context)),
  );
}

function holds(operator: string, key: string, expected: readonly string[], context: ConditionContext): boolean {
  const [name = "", quantifier] = operator.split(":").reverse();
  const compare = comparisons[name];
  if (!compare || (quantifier !== undefined && quantifier !== "ForAllValues"))
    throw new Error(`The world uses a condition operator that the sandbox does not support: ${operator}`);

  const actual = context.get(key.toLowerCase());
  if (actual === undefined) return quantifier !== undefined;
  const values = expected.map((value) => substituteVariables(value, context));
  const matchesOne = (one: string) => values.some((value) => compare(one, value));
  return quantifier ? actual.every(matchesOne) : actual.some(matchesOne);
}

type Comparison = (actual: string, expected: string) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringLike: wildcardMatch,
  ArnLike: wildcardMatch,
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  NumericLessThan: (actual, expected) => Number(actual) < Number(expected),
};

/** Matches IAM's `*` and `?` wildcards. All other characters are literal. */
export function wildcardMatch(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`).test(text);
}

function substituteVariables(text: string, context: ConditionContext): string {
  return text.replace(/\$\{([\w:/.-]+)\}/g, (whole, key: string) => context.get(key.toLowerCase())?.[0] ?? whole);
}

export function toList(value: OneOrMore | boolean | number): readonly string[] {
  return typeof value === "object" ? value : [String(value)];
}
