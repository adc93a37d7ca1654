import type { BundledPackage } from "./licences.mjs";

export function keyringPackages(): (BundledPackage & {
  readonly platform: string;
  readonly file: string;
  readonly path: string;
})[];
export function keyringLibraries(): Record<string, { readonly file: string; readonly sha256: string }>;
