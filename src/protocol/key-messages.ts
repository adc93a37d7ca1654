/** The messages about long-term access keys. */
import type { KeyStore, ProfileParams } from "./profile-messages.ts";

export interface RotateKeyParams extends ProfileParams {
  /** Makes no call and changes nothing: only returns the profiles that would get the new key. */
  whatIf?: boolean;
}

/** A rotated access key. With `whatIf`, only the profiles and their key store are known. */
export interface RotatedKey {
  /** All profiles that have the new key. */
  profileNames: string[];
  keyStore: KeyStore;
  /** The ARN of the IAM user. */
  arn?: string;
  /** Masked except for their ends. */
  oldAccessKeyId?: string;
  newAccessKeyId?: string;
  /** Whether it completed a rotation that was interrupted. */
  resumed?: boolean;
  /** Warnings for the user, such as an old key that could not be deleted. */
  warnings: string[];
}
