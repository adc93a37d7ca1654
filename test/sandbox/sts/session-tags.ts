import { AwsError } from "../errors.ts";
import type { Principal } from "../iam/principal.ts";
import type { ParameterReader, Tag } from "./parameters.ts";

export interface SessionTags {
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
}

/** The tags of a new session: those of the request and those inherited from the chain. */
export interface MergedTags {
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}

export function readSessionTags(parameters: ParameterReader): SessionTags {
  return { tags: parameters.tags(), transitiveTagKeys: parameters.transitiveTagKeys() };
}

/**
 * Computes the new session's inherited and requested tags. Keys are case-insensitive.
 * @throws AwsError `InvalidParameterValue` for duplicates, and for overriding a transitive tag
 */
export function mergeTags({ tags, transitiveTagKeys }: SessionTags, caller: Principal): MergedTags {
  const inherited = new Set(caller.transitiveTagKeys.map(lower));
  const requested = new Set(tags.map(({ key }) => lower(key)));
  if (requested.size < tags.length) {
    throw invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (tags.some(({ key }) => /^aws:/i.test(key))) {
    throw invalid("aws: prefixed tag key names are not allowed for external use.");
  }
  if (!transitiveTagKeys.every((key) => requested.has(lower(key)))) {
    throw invalid("The specified transitive tag key must be included in the requested tags.");
  }
  if ([...requested].some((key) => inherited.has(key))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const fromCaller = Object.entries(caller.tags).filter(([key]) => inherited.has(lower(key)));
  return {
    tags: Object.fromEntries([...fromCaller, ...tags.map(({ key, value }) => [key, value])]),
    transitiveTagKeys: [...caller.transitiveTagKeys, ...transitiveTagKeys],
  };
}

function lower(text: string): string {
  return text.toLowerCase();
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", 400, message);
}
