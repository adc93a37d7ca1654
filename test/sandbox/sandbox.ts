import { createClock } from "./clock.ts";
import { createFaultQueue, type Fault } from "./http/faults.ts";
import type { Call } from "./http/recorder.ts";
import { serve } from "./http/server.ts";
import { createDirectory } from "./iam/directory.ts";
import { createSessionStore } from "./iam/sessions.ts";
import type { World } from "./iam/world-types.ts";
import { createVerifier } from "./sigv4/verify.ts";
import { createMfaVerifier } from "./sts/mfa.ts";
import { createSts } from "./sts/service.ts";
import { defaultWorld } from "./world.ts";

export interface SandboxOptions {
  /** Who lives here; {@link defaultWorld} when absent. */
  readonly world?: World;
  /** The port of STS; a free one when absent. */
  readonly port?: number;
  /** The only region that STS serves; any that AWS has when absent. */
  readonly region?: string;
  /** How far a request's time may be off, 300 when absent. */
  readonly clockToleranceSeconds?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly urls: { readonly sts: string };
  /** Every request since the start or the last `clearCalls`. */
  readonly calls: readonly Call[];
  clearCalls(): void;
  advanceClock(milliseconds: number): void;
  failNext(fault: Fault): void;
  setLatency(milliseconds: number): void;
  /** The code that the MFA device (by serial, or by the user's name) shows now, or some steps of 30 s later. */
  totp(serialOrUser: string, stepsAhead?: number): string;
  /** Whether the code that the device shows now was used. */
  isTotpUsed(serialOrUser: string): boolean;
  close(): Promise<void>;
}

/** Starts the sandbox on loopback. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = options.world ?? defaultWorld;
  const clock = createClock(options.now);
  const directory = createDirectory(world);
  const sessions = createSessionStore(world, directory, clock);
  const mfa = createMfaVerifier(directory, clock);
  const faults = createFaultQueue();
  const calls: Call[] = [];
  const around = { clock, faults, calls };
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 300;
  const region = options.region === undefined ? {} : { region: options.region };
  const verify = createVerifier({ service: "sts", clock, directory, sessions, clockToleranceSeconds, ...region });

  const sts = await serve(createSts({ clock, directory, sessions, mfa, verify }), around, options.port);
  return {
    urls: { sts: sts.url },
    calls,
    clearCalls: () => {
      calls.length = 0;
    },
    advanceClock: clock.advance,
    failNext: faults.failNext,
    setLatency: faults.setLatency,
    totp: mfa.code,
    isTotpUsed: mfa.isUsed,
    close: async () => {
      await sts.close();
    },
  };
}
