/** A PowerShell that can run the module. */
export interface FoundPowerShell {
  /** The executable. */
  readonly path: string;
  readonly version: string;
}

export function findPowerShell(env?: NodeJS.ProcessEnv): FoundPowerShell;
export function restorePowerShell(): string;
export function restorePester(): string;
export function buildModuleAssembly(coreHashes: string): string;
export function buildAwsSdkModule(sdkVersion?: "3" | "4"): string;
