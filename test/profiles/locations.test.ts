import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cliCacheDirectory,
  homeDirectory,
  locateFiles,
  locateProfileFile,
  ssoCacheDirectory,
} from "../../src/profiles/locations.ts";

interface LocationCase {
  readonly name: string;
  readonly environment: Record<string, string>;
  readonly platform: "linux" | "windows";
  readonly configLocation: string;
  readonly credentialsLocation: string;
}

const path = join(import.meta.dirname, "../../../shared/conformance/smithy-rs/file-location-tests.json");

describe.skipIf(!existsSync(path))("the location cases of the AWS SDK for Rust (../shared/conformance)", () => {
  const tests: LocationCase[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).tests : [];

  it("contain nine cases", () => {
    expect(tests.length).toBe(9);
  });

  it.each(tests.map((test) => [`${test.platform}: ${test.name}`, test] as const))("%s", (_, test) => {
    const platform = test.platform === "windows" ? "win32" : "linux";
    expect(locateFiles({ environment: test.environment, platform })).toEqual({
      config: test.configLocation,
      credentials: test.credentialsLocation,
    });
  });
});

const home = { HOME: "/home/jo" };

it("finds the files that -Serve hides from programs", () => {
  const hidden = { ...home, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const served = { ...hidden, ROLE_CREDENTIALS_CONFIG_FILE: "/c", ROLE_CREDENTIALS_SHARED_CREDENTIALS_FILE: "" };
  expect(locateFiles({ environment: served, platform: "linux" })).toEqual({
    config: "/c",
    credentials: "/home/jo/.aws/credentials",
  });
  expect(locateProfileFile("/x", { environment: served, platform: "linux" }).config).toBe("/c");
});

const windowsHome = { USERPROFILE: "C:\\Users\\jo" };

describe(locateFiles.name, () => {
  it.each<[string, Record<string, string>, NodeJS.Platform, string | undefined, string]>([
    ["expands ~/", { ...home, AWS_CONFIG_FILE: "~/aws/cfg" }, "linux", "/work", "/home/jo/aws/cfg"],
    [
      "expands ~/ on Windows",
      { ...windowsHome, AWS_CONFIG_FILE: "~/aws/cfg" },
      "win32",
      "D:\\",
      "C:\\Users\\jo\\aws\\cfg",
    ],
    [
      "replaces variables",
      { ...home, AWS_CONFIG_FILE: `$HOME/\${X}/%HOME%`, X: "c" },
      "linux",
      "/work",
      "/home/jo/c/%HOME%",
    ],
    ["keeps a variable that is not set", { ...home, AWS_CONFIG_FILE: `/$NONE/\${}` }, "linux", "/work", `/$NONE/\${}`],
    [
      "replaces variables on Windows",
      { ...windowsHome, AWS_CONFIG_FILE: `%UserProfile%\\\${X}`, X: "c" },
      "win32",
      "D:\\",
      "C:\\Users\\jo\\c",
    ],
    ["expands ~\\ on Windows", { ...windowsHome, AWS_CONFIG_FILE: "~\\cfg" }, "win32", "D:\\", "C:\\Users\\jo\\cfg"],
    ["takes a share", { AWS_CONFIG_FILE: "//srv/aws$/cfg" }, "win32", "C:\\", "\\\\srv\\aws$\\cfg"],
    ["begins in a share", { AWS_CONFIG_FILE: "..\\cfg" }, "win32", "\\\\srv\\aws$\\jo", "\\\\srv\\aws$\\cfg"],
    ["finds a home in a share", { HOME: "\\\\srv\\home$\\jo" }, "win32", "C:\\", "\\\\srv\\home$\\jo\\.aws\\config"],
    ["begins in the folder of a drive", { AWS_CONFIG_FILE: "D:cfg" }, "win32", "D:\\work", "D:\\work\\cfg"],
    ["begins at the root of a drive", { AWS_CONFIG_FILE: "\\cfg" }, "win32", "D:\\work", "D:\\cfg"],
    ["keeps ~\\ on other platforms", { ...home, AWS_CONFIG_FILE: "~\\cfg" }, "linux", "/work", "/work/~\\cfg"],
    ["keeps ~user", { ...home, AWS_CONFIG_FILE: "~root/cfg" }, "linux", "/work", "/work/~root/cfg"],
    [
      "resolves a relative path in the caller's directory",
      { ...home, AWS_CONFIG_FILE: "a/../cfg" },
      "linux",
      "/work",
      "/work/cfg",
    ],
    ["resolves a relative home directory there too", { HOME: "h" }, "linux", "/work", "/work/h/.aws/config"],
    ["ignores an empty variable", { ...home, AWS_CONFIG_FILE: "" }, "linux", "/work", "/home/jo/.aws/config"],
    ["keeps spaces", { ...home, AWS_CONFIG_FILE: "/a b/c " }, "linux", "/work", "/a b/c "],
  ])("%s", (_, environment, platform, workingDirectory, config) => {
    expect(locateFiles({ environment, platform, workingDirectory }).config).toBe(config);
  });
});

describe(locateProfileFile.name, () => {
  it.each<[string, string, Record<string, string>, string, string]>([
    ["an absolute path", "/x/creds", home, "/x/creds", "/x/config"],
    ["a path in the home directory", "~/.aws/credentials", home, "/home/jo/.aws/credentials", "/home/jo/.aws/config"],
    ["a relative path", "creds", home, "/work/creds", "/work/config"],
    ["a path beside a named config file", "creds", { ...home, AWS_CONFIG_FILE: "~/c" }, "/work/creds", "/home/jo/c"],
  ])("resolves %s", (_, location, environment, credentials, config) => {
    expect(locateProfileFile(location, { environment, platform: "linux", workingDirectory: "/work" })).toEqual({
      config,
      credentials,
      storeInCredentialsOnly: true,
    });
  });
});

describe(homeDirectory.name, () => {
  it("comes from the user database without a variable", () => {
    expect(homeDirectory({})).toBe(userInfo().homedir);
    expect(homeDirectory({ HOME: "", USERPROFILE: "", HOMEPATH: "" })).toBe(userInfo().homedir);
  });

  it("defaults to drive C:", () => {
    expect(homeDirectory({ HOMEPATH: "\\Users\\jo" })).toBe("C:\\Users\\jo");
  });
});

it("the caches are in the directories of the AWS CLI", () => {
  expect(cliCacheDirectory({ environment: home, platform: "linux" })).toBe("/home/jo/.aws/cli/cache");
  expect(ssoCacheDirectory({ environment: windowsHome, platform: "win32" })).toBe("C:\\Users\\jo\\.aws\\sso\\cache");
});
