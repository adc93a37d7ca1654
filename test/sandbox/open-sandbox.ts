import { afterAll, beforeEach, onTestFinished } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";

/** A sandbox for all tests of a file. Each test finds it without faults and calls. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  beforeEach(() => {
    sandbox.clearFaults();
    sandbox.clearCalls();
  });
  afterAll(() => sandbox.close());
  return sandbox;
}

/** A sandbox for one test. */
export async function openOwnSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}
