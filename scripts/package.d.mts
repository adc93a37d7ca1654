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
