export interface Packages {
  /** The package for PowerShell. */
  readonly nupkg: string;
  /** The package for npm. */
  readonly tgz: string;
  /** The software bill of materials. */
  readonly bom: string;
}

/** `signingScript` is a PowerShell script that signs the files in its arguments. */
export function writePackages(destination: string, date?: Date, signingScript?: string): Packages;
/** `module` is the folder of a built module; this checkout's by default. */
export function writeModulePackage(
  destination: string,
  date: Date,
  options?: { readonly module?: string; readonly signingScript?: string },
): string;
