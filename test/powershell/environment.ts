import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findPowerShell } from "../../scripts/powershell.mjs";
import { removeFolder } from "../../scripts/remove-folder.mjs";

/** A PowerShell's environment variables. `undefined` removes a default. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A scratch home and the variables that go with it. None of the developer's profiles, keys or proxies get in. */
export interface CleanRoom {
  readonly home: string;
  readonly env: Record<string, string>;
  remove(): void;
}

// The variables that programs need to start on each platform. No AWS_*, no proxy, no NODE_OPTIONS.
const inherited = [
  ["PATH", "DOTNET_ROOT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ["SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "ProgramFiles", "ProgramData", "NUMBER_OF_PROCESSORS", "windir"],
].flat();

let found: string | undefined;

/** The PowerShell that the tests run. A test file looks for it once, because looking starts it. */
export function powerShellPath(): string {
  found ??= findPowerShell().path;
  return found;
}

export function openCleanRoom(extra: Environment = {}): CleanRoom {
  const home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  const variables: Environment = {
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    // The module runs the Node that runs these tests, not the first one on PATH.
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, "AppData", "Roaming"),
    LOCALAPPDATA: join(home, "AppData", "Local"),
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    LANG: "C.UTF-8",
    TERM: "dumb",
    NO_COLOR: "1",
    POWERSHELL_TELEMETRY_OPTOUT: "1",
    POWERSHELL_UPDATECHECK: "Off",
    // Keeps credential lookups from waiting for a metadata service that does not exist here.
    AWS_EC2_METADATA_DISABLED: "true",
    ...extra,
  };
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    home,
    env: Object.fromEntries(set),
    remove: () => removeFolder(home),
  };
}
