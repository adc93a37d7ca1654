export interface Packages {
  /** The package for PowerShell. */
  readonly nupkg: string;
  /** The package for npm. */
  readonly tgz: string;
  /** The software bill of materials. */
  readonly bom: string;
}

export function writeModulePackage(destination: string, date: Date, module?: string): string;
export function writePackages(destination: string, date?: Date): Packages;
