import { AwsError, validationError } from "../errors.ts";
import { durations, type NumberShape, shapes, type TextShape } from "./shapes.ts";

export type Form = ReadonlyMap<string, string>;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/**
 * Reads an action's parameters and collects their problems. `done` then reports all of them in one ValidationError, as AWS does. It is
 * stricter than AWS in one way: it refuses parameters that the action did not read, so that a misspelled one is noticed.
 */
export class ParameterReader {
  readonly #form: Form;
  readonly #read = new Set(["Action", "Version"]);
  readonly #violations: string[] = [];

  constructor(form: Form) {
    this.#form = form;
  }

  required(name: string, shape: TextShape): string {
    const value = this.optional(name, shape);
    if (value === undefined) this.#violate("null", name, "Member must not be null");
    return value ?? "";
  }

  optional(name: string, shape: TextShape): string | undefined {
    this.#read.add(name);
    const value = this.#form.get(name);
    if (value !== undefined) this.#checkText(name, value, shape);
    return value;
  }

  /** Seconds. */
  duration(shape: NumberShape = durations.role): number | undefined {
    const name = "DurationSeconds";
    this.#read.add(name);
    const text = this.#form.get(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text)) throw new AwsError("MalformedInput", 400, "");
    const value = Number(text);
    const wrong = (constraint: string) => this.#violate(`'${text}'`, name, `Member must have value ${constraint}`);
    if (value < shape.min) wrong(`greater than or equal to ${shape.min}`);
    if (value > shape.max) wrong(`less than or equal to ${shape.max}`);
    return value;
  }

  /** `Tags.member.1.Key`, `Tags.member.1.Value`, … */
  tags(): Tag[] {
    const tags = this.#members("Tags").map((member) => ({
      key: this.required(`${member}.Key`, shapes.tagKey),
      value: this.required(`${member}.Value`, shapes.tagValue),
    }));
    this.#checkLength("Tags", tags.length, 50);
    return tags;
  }

  /** `TransitiveTagKeys.member.1`, … */
  transitiveTagKeys(): string[] {
    const keys = this.#members("TransitiveTagKeys").map((member) => this.required(member, shapes.tagKey));
    this.#checkLength("TransitiveTagKeys", keys.length, 50);
    return keys;
  }

  /** `PolicyArns.member.1.arn`, … */
  policyArns(): string[] {
    const arns = this.#members("PolicyArns").map((member) => this.required(`${member}.arn`, shapes.arn));
    this.#checkLength("PolicyArns", arns.length, 10);
    return arns;
  }

  /** @throws AwsError `ValidationError` */
  done(): void {
    const count = this.#violations.length;
    if (count > 0) {
      const errors = count === 1 ? "1 validation error" : `${count} validation errors`;
      throw validationError(`${errors} detected: ${this.#violations.join("; ")}`);
    }
    const unknown = [...this.#form.keys()].find((name) => !this.#read.has(name));
    if (unknown !== undefined)
      throw validationError(`The sandbox does not support the parameter '${unknown}' of this action.`);
  }

  #members(list: string): string[] {
    const prefix = `${list}.member.`;
    const numbers = [...this.#form.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length).split(".")[0]));
    const count = Math.max(0, ...numbers);
    // Reports a gap in the numbering as a missing member
    return Array.from({ length: Math.min(count, 1000) }, (_, i) => `${prefix}${i + 1}`);
  }

  #checkText(name: string, value: string, shape: TextShape): void {
    const wrong = (constraint: string) => this.#violate(`'${value}'`, name, constraint);
    if (value.length < shape.min) wrong(`Member must have length greater than or equal to ${shape.min}`);
    if (value.length > shape.max) wrong(`Member must have length less than or equal to ${shape.max}`);
    if (shape.pattern && !shape.pattern.test(value)) {
      wrong(`Member must satisfy regular expression pattern: ${shape.printed}`);
    }
  }

  #checkLength(list: string, length: number, max: number): void {
    if (length > max) this.#violate("'[...]'", list, `Member must have length less than or equal to ${max}`);
  }

  #violate(value: string, name: string, constraint: string): void {
    const member = name.replace(/(^|\.)[A-Z]/g, (start) => start.toLowerCase());
    this.#violations.push(`Value ${value} at '${member}' failed to satisfy constraint: ${constraint}`);
  }
}
