import { userInfo } from "node:os";
import { join, posix, win32 } from "node:path";
import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

/** The paths of the two AWS files. The files may be missing. A path is undefined without a variable for it and a home directory. */
export interface FileLocations {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
  /** Set if `-ProfileLocation` names the credentials file. Then every change goes to that file only. */
  readonly storeInCredentialsOnly?: true;
}

/**
 * The two files that every AWS tool shares: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else `config` and
 * `credentials` in `~/.aws`. A leading `~/` means the home directory, and variables in the path are replaced; a relative path starts in
 * `workingDirectory`.
 * The rule is the AWS SDKs' and Tools Reference Guide's, "Location of the shared config and credentials files".
 */
export function locateFiles(surroundings: Surroundings): FileLocations {
  const { environment } = surroundings;
  const locate = (named: string | undefined, base: string): string | undefined => {
    if (named) return absolute(named, surroundings);
    return findHome(environment) && awsDirectory(surroundings, base);
  };
  const { config, credentials } = namedFiles(surroundings);
  return { config: locate(config, "config"), credentials: locate(credentials, "credentials") };
}

/** What a path depends on. A relative path starts in the working directory. */
export type Surroundings = Pick<Context, "environment" | "platform"> & {
  readonly workingDirectory?: string | undefined;
};

/**
 * Whether `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` hide the files from programs, which then use a credentials endpoint: -Serve. A
 * request that starts from the served role (-Chain) names the files in two other variables; an empty one means the file in `~/.aws`.
 */
export function hidesFiles({ ROLE_CREDENTIALS_CONFIG_FILE: config }: Environment): boolean {
  return config !== undefined;
}

interface NamedFiles {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
}

function namedFiles({ environment, platform }: Surroundings): NamedFiles {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = environment;
  const { ROLE_CREDENTIALS_CONFIG_FILE, ROLE_CREDENTIALS_SHARED_CREDENTIALS_FILE } = environment;
  const expand = (named: string | undefined) => named && withVariables(named, environment, platform);
  return hidesFiles(environment)
    ? { config: expand(ROLE_CREDENTIALS_CONFIG_FILE), credentials: expand(ROLE_CREDENTIALS_SHARED_CREDENTIALS_FILE) }
    : { config: expand(AWS_CONFIG_FILE), credentials: expand(AWS_SHARED_CREDENTIALS_FILE) };
}

/**
 * Replaces `$NAME` and `${NAME}`, and on Windows `%NAME%`, as Python's os.path.expandvars does for the AWS CLI, because no
 * shell expands the variables of a container or a service. A variable that is not set stays as it is.
 */
function withVariables(text: string, environment: Environment, platform: NodeJS.Platform): string {
  const isWindows = platform === "win32";
  return text.replace(isWindows ? windowsVariable : variable, (all, ...names: (string | undefined)[]) => {
    const name = names.slice(0, isWindows ? 3 : 2).find((one) => one !== undefined) ?? "";
    return environment[isWindows ? name.toUpperCase() : name] ?? all;
  });
}

const variable = /\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))/g;
const windowsVariable = new RegExp(`${variable.source}|%([^%]+)%`, "g");

/**
 * The files for `-ProfileLocation`, which replaces the credentials file. As in the AWS SDK for .NET, a file `config` beside it (or the one
 * in `AWS_CONFIG_FILE`) is read too, so that `-ProfileLocation ~/.aws/credentials` has the profiles of `~/.aws`.
 */
export function locateProfileFile(profileLocation: string, surroundings: Surroundings): FileLocations {
  const path = pathsOf(surroundings);
  const credentials = absolute(profileLocation, surroundings);
  const named = namedFiles(surroundings).config;
  const config = named ? absolute(named, surroundings) : path.join(path.dirname(credentials), "config");
  return { config, credentials, storeInCredentialsOnly: true };
}

/**
 * The paths of both files. A change needs them.
 * @throws RoleError `FileUnreadable` if a path needs a home directory and the user has no home directory.
 */
export function requireFiles({ config, credentials, ...rest }: FileLocations): RequiredFiles {
  if (config === undefined || credentials === undefined) throw noHome();
  return { config, credentials, ...rest };
}

export interface RequiredFiles extends FileLocations {
  readonly config: string;
  readonly credentials: string;
}

/** `~/.aws/cli/cache`: the roles that the AWS CLI has assumed. */
export function cliCacheDirectory({ environment, platform }: Surroundings): string {
  return awsDirectory({ environment, platform }, "cli", "cache");
}

/** `~/.aws/sso/cache`: the tokens of IAM Identity Center. */
export function ssoCacheDirectory({ environment, platform }: Surroundings): string {
  return awsDirectory({ environment, platform }, "sso", "cache");
}

/** `AWS_LOGIN_CACHE_DIRECTORY`, else `~/.aws/login/cache`: the sign-ins of `aws login`. */
export function loginCacheDirectory(surroundings: Surroundings): string {
  const named = surroundings.environment.AWS_LOGIN_CACHE_DIRECTORY;
  return named ? absolute(named, surroundings) : awsDirectory(surroundings, "login", "cache");
}

/** `~/.aws/role-credentials`: the module's own files. */
export function moduleDirectory({ environment }: Pick<Surroundings, "environment">): string {
  return join(homeDirectory(environment), ".aws", "role-credentials");
}

/**
 * `HOME`, then `USERPROFILE`, then `HOMEDRIVE` with `HOMEPATH`, then the home directory in the user database.
 * @throws RoleError `FileUnreadable` if the user has no home directory.
 */
export function homeDirectory(environment: Environment): string {
  const home = findHome(environment);
  if (home === undefined) throw noHome();
  return home;
}

/** Like {@link homeDirectory}, but undefined if the user has no home directory. */
export function findHome({ HOME, USERPROFILE, HOMEDRIVE, HOMEPATH }: Environment): string | undefined {
  return HOME || USERPROFILE || (HOMEPATH && `${HOMEDRIVE ?? "C:"}${HOMEPATH}`) || homeOfUser();
}

function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir || undefined;
  } catch {
    // A container may run as a user id without an entry.
    return undefined;
  }
}

function noHome(): RoleError {
  return new RoleError("FileUnreadable", "There is no home directory to find the AWS files in.", {
    action: "Set HOME, or name the files with AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.",
  });
}

function awsDirectory(surroundings: Surroundings, ...parts: readonly string[]): string {
  const { environment, workingDirectory } = surroundings;
  const path = pathsOf(surroundings);
  const directory = path.join(homeDirectory(environment), ".aws", ...parts);
  return workingDirectory ? path.resolve(workingDirectory, directory) : directory;
}

/** The absolute path of a file that the user names. A leading `~/` means the home directory. */
export function absolute(named: string, surroundings: Surroundings): string {
  const { environment, platform, workingDirectory } = surroundings;
  const path = pathsOf(surroundings);
  const inHome = named.startsWith("~/") || (platform === "win32" && named.startsWith("~\\"));
  const expanded = inHome ? path.join(homeDirectory(environment), named.slice(2)) : named;
  return workingDirectory ? path.resolve(workingDirectory, expanded) : expanded;
}

function pathsOf({ platform }: Surroundings): typeof posix {
  return platform === "win32" ? win32 : posix;
}
