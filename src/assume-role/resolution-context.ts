import type { Resolution } from "../credentials/provider.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { MfaCodes } from "./mfa-codes.ts";
import type { StsAccess } from "./sts/call.ts";

/** The state that all hops of one request share. */
export interface ResolutionContext extends Resolution, StsAccess {
  readonly shared: SharedConfig;
  readonly mfaCodes: MfaCodes;
}
