import type { Metafile } from "esbuild";

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX identifier. */
  readonly license: string;
  readonly text: string;
  readonly notice: string;
}

export function bundledPackages(root: string, metafiles: readonly Metafile[]): BundledPackage[];
export function licenceText(packages: readonly BundledPackage[]): string;
export function billOfMaterials(
  command: { readonly name: string; readonly version: string; readonly license: string },
  packages: readonly BundledPackage[],
): string;
