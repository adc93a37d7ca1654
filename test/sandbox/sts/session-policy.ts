import { deflateRawSync } from "node:zlib";
import { AwsError } from "../errors.ts";
import type { Statement } from "../iam/world-types.ts";
import type { ParameterReader, Tag } from "./parameters.ts";
import { shapes } from "./shapes.ts";

/** The policies and tags that a request sets for its session. */
export interface SessionPolicyParameters {
  readonly policy?: string;
  readonly policyArns: readonly string[];
}

export function readSessionPolicy(parameters: ParameterReader): SessionPolicyParameters {
  const policy = parameters.optional("Policy", shapes.policy);
  const policyArns = parameters.policyArns();
  return { policyArns, ...(policy !== undefined && { policy }) };
}

/**
 * The statements that limit the session, as one list for all policies. Undefined when the request has no policies.
 * @throws AwsError `MalformedPolicyDocument`
 */
export function sessionPolicyStatements({ policy, policyArns }: SessionPolicyParameters): Statement[] | undefined {
  if (policy === undefined && policyArns.length === 0) return undefined;
  const wrong = policyArns.find((arn) => !/^arn:[\w-]+:iam::(aws|\d{12}):policy\/.+/.test(arn));
  if (wrong) throw new AwsError("ValidationError", 400, `ARN ${wrong} is not valid.`);
  const managed = policyArns.flatMap((arn) => managedPolicies[arn.replace(/^.*:policy\//, "")] ?? []);
  return [...(policy === undefined ? [] : parsePolicy(policy)), ...managed];
}

/**
 * The packed policy size in percent, or undefined when the request has no policies or tags. AWS does not publish its binary format. The
 * deflated size is close enough to test the limit.
 * @throws AwsError `PackedPolicyTooLarge`
 */
export function packedPolicySize(given: SessionPolicyParameters, tags: readonly Tag[]): number | undefined {
  if (given.policy === undefined && given.policyArns.length === 0 && tags.length === 0) return undefined;
  const packed = deflateRawSync(JSON.stringify([given.policy ?? "", given.policyArns, tags]), { level: 9 });
  const percent = Math.ceil((packed.length / packedCapacity) * 100);
  if (percent > 100) {
    const advice = "please use smaller policy";
    throw new AwsError("PackedPolicyTooLarge", 400, `Packed policy consumes ${percent}% of allotted space, ${advice}.`);
  }
  return percent;
}

const packedCapacity = 1100;

/** The few managed policies that matter to STS. Any other policy allows nothing. */
const managedPolicies: Readonly<Record<string, Statement>> = {
  AdministratorAccess: { Effect: "Allow", Action: "*", Resource: "*" },
};

function parsePolicy(text: string): Statement[] {
  let document: { Version?: unknown; Statement?: unknown };
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  const { Statement: statement } = Object(document) as typeof document;
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (!statements.every(isStatement)) throw malformed("Syntax errors in policy.");
  return statements;
}

function isStatement(value: unknown): value is Statement {
  if (typeof value !== "object" || value === null) return false;
  const { Effect, Action, Resource, Principal } = value as Partial<Record<keyof Statement, unknown>>;
  const isText = (v: unknown) =>
    typeof v === "string" || (Array.isArray(v) && v.every((one) => typeof one === "string"));
  // A session policy has no Principal element: the principal is the session
  return (Effect === "Allow" || Effect === "Deny") && isText(Action) && isText(Resource) && Principal === undefined;
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", 400, message);
}
