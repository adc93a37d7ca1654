import { describe, expect, it } from "vitest";
import { createKeychain } from "../../src/vault/keychain.ts";
import { type KeyringLibrary, loadKeyring } from "../../src/vault/keyring-library.ts";
import { codeOf, contextOf, errorOf, textsOf } from "../credentials/fixtures.ts";
import { openSecretService, unless, whyNoSecretService } from "./secret-service.ts";

const keys = { accessKeyId: "AKIAVAULTEXAMPLE0001", secretAccessKey: "Vault/EXAMPLE+secret" };
const temporary = { ...keys, accessKeyId: "ASIAVAULTEXAMPLE0001", sessionToken: "token".repeat(200) };

describe.skipIf(whyNoSecretService !== undefined)(`a Secret Service${unless}`, () => {
  const service = openSecretService();

  it.each([
    ["long-term keys", keys],
    ["keys with a session token", temporary],
  ])("keeps %s until they are removed", async (_, stored) => {
    const keychain = createKeychain();
    expect(await keychain.read(stored.accessKeyId, contextOf())).toBeUndefined();
    await keychain.write(stored, contextOf());
    expect(await createKeychain().read(stored.accessKeyId, contextOf())).toEqual(stored);
    expect(await keychain.remove(stored.accessKeyId, contextOf())).toBe(true);
    expect(await keychain.remove(stored.accessKeyId, contextOf())).toBe(false);
    expect(await keychain.read(stored.accessKeyId, contextOf())).toBeUndefined();
  });

  it("reports that it is locked, and gives the keys when it is unlocked", async () => {
    const keychain = createKeychain();
    await keychain.write(keys, contextOf());
    await service.lock();
    const error = await errorOf(() => keychain.read(keys.accessKeyId, contextOf()));
    expect(error.code).toBe("KeychainLocked");
    await service.unlock();
    expect(await keychain.read(keys.accessKeyId, contextOf())).toEqual(keys);
    await keychain.remove(keys.accessKeyId, contextOf());
  });
});

describe.skipIf(process.platform !== "linux")("a session without a Secret Service [Linux]", () => {
  it("reports that there is no D-Bus", async () => {
    const address = process.env.DBUS_SESSION_BUS_ADDRESS;
    process.env.DBUS_SESSION_BUS_ADDRESS = "unix:path=/nonexistent/bus";
    try {
      expect(await codeOf(() => createKeychain().read(keys.accessKeyId, contextOf()))).toBe("KeychainUnavailable");
    } finally {
      if (address === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
      else process.env.DBUS_SESSION_BUS_ADDRESS = address;
    }
  });
});

/** A keychain whose every call does the same. */
function keychainThat(call: () => Promise<never>, patience?: number) {
  class AsyncEntry {
    getSecret = call;
    setSecret = call;
    deleteCredential = call;
  }
  const load = (): KeyringLibrary => ({ AsyncEntry });
  return createKeychain({ load, ...(patience !== undefined && { patience }) });
}

describe("a keychain that refuses", () => {
  it.each([
    [
      "linux",
      "DBus error: Using X11 for dbus-daemon autolaunch was disabled, set your DBUS_SESSION_BUS_ADDRESS",
      "KeychainUnavailable",
    ],
    [
      "linux",
      "DBus error: org.freedesktop.DBus.Error.ServiceUnknown: not provided by any .service files",
      "KeychainUnavailable",
    ],
    ["linux", "Secret Service: no result found", "KeychainUnavailable"],
    ["linux", "Secret Service: unlock prompt was dismissed", "KeychainLocked"],
    ["linux", "object locked", "KeychainLocked"],
    ["darwin", "User interaction is not allowed.", "KeychainLocked"],
    ["darwin", "User canceled the operation.", "KeychainLocked"],
    ["darwin", "The specified keychain could not be found.", "KeychainUnavailable"],
    ["win32", "A specified logon session does not exist. It may already have been terminated.", "KeychainUnavailable"],
    ["win32", "something else", "KeychainFailed"],
  ] as const)("on %s with '%s' reports %3$s and what to do", async (platform, message, code) => {
    const keychain = keychainThat(() => Promise.reject(new Error(message)));
    const error = await errorOf(() => keychain.read(keys.accessKeyId, contextOf({}, { platform })));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message.slice(0, 20));
    expect(error.details.action).toMatch(/\.$/);
  });

  it("never shows a secret that its error repeats", async () => {
    const keychain = keychainThat(() => Promise.reject(new Error(`cannot keep ${keys.secretAccessKey}`)));
    const error = await errorOf(() => keychain.write(keys, contextOf()));
    expect(JSON.stringify([error.message, error.details.action])).not.toContain(keys.secretAccessKey);
  });

  it("causes an error when it does not answer", async () => {
    const keychain = keychainThat(() => new Promise(() => {}), 20);
    const context = contextOf({}, { platform: "linux" });
    expect(await codeOf(() => keychain.read(keys.accessKeyId, context))).toBe("KeychainLocked");
  });

  it("is abandoned at once on Ctrl+C", async () => {
    const stop = new AbortController();
    const reading = keychainThat(() => new Promise(() => {})).read("AKIA", contextOf({}, { signal: stop.signal }));
    stop.abort();
    expect(await codeOf(() => reading)).toBe("Cancelled");
  });
});

describe("an entry", () => {
  const entry = { AccessKeyId: keys.accessKeyId, SecretAccessKey: keys.secretAccessKey };
  function keychainWith(secret: string) {
    class AsyncEntry {
      getSecret = async () => [...Buffer.from(secret)];
      setSecret = async () => {};
      deleteCredential = async () => true;
    }
    return createKeychain({ load: () => ({ AsyncEntry }) });
  }

  it.each([
    ["is not JSON", keys.secretAccessKey],
    ["holds another key", JSON.stringify({ Version: 1, ...entry, AccessKeyId: "AKIAOTHER" })],
    ["has no secret key", JSON.stringify({ Version: 1, ...entry, SecretAccessKey: undefined })],
  ])("that %s is refused", async (_, secret) => {
    const error = await errorOf(() => keychainWith(secret).read(keys.accessKeyId, contextOf()));
    expect(error.code).toBe("KeychainFailed");
    expect(textsOf(error)).not.toContain(keys.secretAccessKey);
  });

  it("that reads back differently is refused", async () => {
    const other = JSON.stringify({ Version: 1, ...entry, SecretAccessKey: "other" });
    expect(await codeOf(() => keychainWith(other).write(keys, contextOf()))).toBe("KeychainFailed");
  });

  it("that is too long for Windows is refused before anything is stored", async () => {
    const long = { ...temporary, sessionToken: "t".repeat(2560) };
    const keychain = keychainThat(() => Promise.reject(new Error("stored")));
    expect(await codeOf(() => keychain.write(long, contextOf({}, { platform: "win32" })))).toBe("ValueRefused");
  });
});

it("has no library for other machines", () => {
  expect(() => loadKeyring("aix-ppc64")).toThrow(expect.objectContaining({ code: "KeychainUnavailable" }));
});
