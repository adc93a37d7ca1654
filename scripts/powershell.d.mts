/** A PowerShell that can run the module. */
export interface FoundPowerShell {
  /** The executable. */
  readonly path: string;
  readonly version: string;
  /** True for the one built from test/powershell/embedded, which has no cmdlets beyond the engine's own. */
  readonly embedded: boolean;
}

export function findPowerShell(env?: NodeJS.ProcessEnv): FoundPowerShell;
export function buildEmbeddedPowerShell(): string;
export function buildModuleAssembly(): string;
export function buildAwsSdkModule(sdkVersion?: "3" | "4"): string;
