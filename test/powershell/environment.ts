import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** Variables of one PowerShell. `undefined` takes a default away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A home of its own and the variables that go with it: nothing of the developer's profiles, keys or proxies gets in. */
export interface CleanRoom {
  readonly home: string;
  readonly env: Record<string, string>;
  remove(): void;
}

// What programs need to start at all, on each platform. No AWS_*, no proxy, no NODE_OPTIONS.
const inherited = [
  ["PATH", "DOTNET_ROOT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ["SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "ProgramFiles", "ProgramData", "NUMBER_OF_PROCESSORS", "windir"],
].flat();

export function openCleanRoom(extra: Environment = {}): CleanRoom {
  const home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  const variables: Environment = {
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    // The module runs the Node that these tests run on, not another one that comes first on PATH.
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
    // Nothing that looks for credentials may wait for a metadata service that isn't there.
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

/**
 * A core that is ending still writes what it has noted. Node's own retries try only to remove the folder again and not what has come
 * into it since, so they are made here.
 */
function removeFolder(folder: string): void {
  for (let tries = 0; ; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 20) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
