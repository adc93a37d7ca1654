/** The messages about long-lived access keys. */
import type { KeyStore, ProfileParams } from "./profile-messages.ts";

export interface RotateKeyParams extends ProfileParams {
  whatIf?: boolean;
}

/** A rotated access key. With `whatIf`, only the profiles are known. */
export interface RotatedKey {
  profileNames: string[];
  keyStore: KeyStore;
  arn?: string;
  /** Masked except for their ends. */
  oldAccessKeyId?: string;
  newAccessKeyId?: string;
  /** Whether it completed a rotation that was interrupted. */
  resumed?: boolean;
  warnings: string[];
}
