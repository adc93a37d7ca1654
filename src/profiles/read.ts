import type { FileLocations } from "./locations.ts";
import { hiddenInKey, nearMiss } from "./near-miss.ts";
import { nestedMap } from "./property.ts";
import type { Section } from "./section.ts";
import { includeProfileKey, keySettings, olderTokenKey, type Setting, type Settings, settingOf } from "./settings.ts";
import type { ConfigOrigin, Profile, SharedConfig } from "./shared-config.ts";
import type { SharedFile } from "./shared-file.ts";
import { openSharedFile } from "./shared-file-cache.ts";
import { lineNumberAt } from "./text.ts";

/**
 * Reads the two files, from the shared file cache if they have not changed. A missing file counts as empty, and an empty value as absent.
 * @throws RoleError `FileUnreadable`; `FileBroken` with the line if the structure of either file is broken.
 */
export function readSharedConfig(locations: FileLocations): SharedConfig {
  return combine(
    openSharedFile(locations.config, "config", locations.storeInCredentialsOnly),
    openSharedFile(locations.credentials, "credentials"),
  );
}

/** Merges the two files. */
export function combine(config: SharedFile, credentials: SharedFile): SharedConfig {
  return {
    profile(name) {
      const inConfig = config.profileSections(name);
      const inCredentials = credentials.profileSections(name);
      if (inConfig.length === 0 && inCredentials.length === 0) return undefined;
      return profileOf(name, readSections(config, inConfig), readSections(credentials, inCredentials));
    },
    profiles() {
      for (const file of [config, credentials]) file.checkNames();
      const inConfig = readProfiles(config);
      const inCredentials = readProfiles(credentials);
      const names = new Set([...inConfig.keys(), ...inCredentials.keys()]);
      return Array.from(names, (name) => profileOf(name, inConfig.get(name), inCredentials.get(name)));
    },
    ssoSession(name) {
      const sections = config.sections("sso-session", name);
      return sections.length === 0 ? undefined : settingsOf(config.values(sections));
    },
    ssoSessions: () => config.namesOf("sso-session"),
    services(name) {
      const sections = config.sections("services", name);
      return sections.length === 0 ? undefined : servicesOf(config.values(sections));
    },
    origin: originOf(config, credentials),
  };
}

/** The nested maps among the values of a `[services NAME]` section. */
function servicesOf(values: ReadonlyMap<string, string>): Map<string, Settings> {
  const services = new Map<string, Settings>();
  for (const [service, value] of values) {
    const nested = nestedMap(value);
    if (nested) services.set(service, settingsOf(nested));
  }
  return services;
}

function originOf(config: SharedFile, credentials: SharedFile): ConfigOrigin {
  return {
    whereIs(name, setting) {
      for (const file of [credentials, config]) {
        const properties = file.properties(file.profileSections(name));
        const last = properties.findLast(({ key }) => settingOf(key) === setting);
        if (last) return `line ${lineNumberAt(file.source.text, last.start)} of ${file.source.file}`;
      }
      return undefined;
    },
    includedProfile: (name) => profileValues(config, credentials, name)?.get(includeProfileKey),
    hiddenInKey: (name) => hiddenInKey(config, name) ?? hiddenInKey(credentials, name),
    whyNotRead: (name) => nearMiss(config, name) ?? nearMiss(credentials, name),
  };
}

/** Every key of a profile, whether it is a {@link Setting} or not; undefined if neither file has the profile. */
export function profileValues(
  config: SharedFile,
  credentials: SharedFile,
  name: string,
): Map<string, string> | undefined {
  const inConfig = config.profileSections(name);
  const inCredentials = credentials.profileSections(name);
  if (inConfig.length === 0 && inCredentials.length === 0) return undefined;
  const values = config.values(inConfig);
  for (const [key, value] of credentials.values(inCredentials)) values.set(key, value);
  return values;
}

type WritableSettings = { -readonly [S in Setting]?: string };

/** What a file says about one profile or section. */
interface Reading {
  readonly settings: WritableSettings;
  /** The settings without a value. */
  empty?: Set<Setting>;
  hasOlderToken?: boolean;
}

function readSections(file: SharedFile, sections: readonly Section[]): Reading {
  const reading: Reading = { settings: noSettings() };
  file.readValues(sections, (key, value) => addSetting(reading, key, value));
  return reading;
}

function readProfiles(file: SharedFile): Map<string, Reading> {
  const found = new Map<string, Reading>();
  let reading: Reading = { settings: noSettings() };
  const begin = (name: string) => {
    reading = found.get(name) ?? { settings: noSettings() };
    found.set(name, reading);
  };
  file.readProfiles(begin, (key, value) => addSetting(reading, key, value));
  return found;
}

const nothing: Reading = { settings: {} };

/** Merges what the two files say about a profile. */
function profileOf(name: string, config: Reading = nothing, credentials: Reading = nothing): Profile {
  const withoutKeys = otherKeys(config, credentials);
  const settings = noSettings();
  const empty = new Set<Setting>();
  for (const reading of [config, credentials]) {
    const isLeftOut = (setting: Setting) => reading === withoutKeys && keySettings.has(setting);
    for (const setting of Object.keys(reading.settings) as Setting[]) {
      if (isLeftOut(setting)) continue;
      settings[setting] = reading.settings[setting] as string;
      empty.delete(setting);
    }
    for (const setting of reading.empty ?? []) {
      if (isLeftOut(setting)) continue;
      delete settings[setting];
      empty.add(setting);
    }
  }
  return { name, settings, ...(empty.size > 0 && { empty }) };
}

/**
 * The file whose keys are left out, if both have some: an access key, its secret and its token come from one file, as in botocore
 * (SharedCredentialProvider and ConfigProvider in credentials.py). A mixture would pair one key's id with another key's secret.
 */
function otherKeys(config: Reading, credentials: Reading): Reading | undefined {
  if (hasAccessKey(credentials)) return config;
  return hasAccessKey(config) ? credentials : undefined;
}

function hasAccessKey({ settings, empty }: Reading): boolean {
  return settings.accessKeyId !== undefined || empty?.has("accessKeyId") === true;
}

/** Creates an object that inherits nothing. `Object.create(null)` would do the same, but V8 makes each such object a hash table. */
function noSettings(): WritableSettings {
  return new Bare();
}

const Bare = function Bare() {} as unknown as new () => WritableSettings;
Bare.prototype = Object.freeze(Object.create(null));

/** Adds a known key. An empty value removes the value of an earlier section. */
function addSetting(reading: Reading, key: string, value: string): void {
  const setting = settingOf(key);
  if (!setting) return;
  // If a section has both keys, the AWS CLI reads the older one, in either order.
  if (key === olderTokenKey) reading.hasOlderToken = value !== "";
  else if (setting === "sessionToken" && reading.hasOlderToken) return;
  const { settings } = reading;
  if (value !== "") {
    settings[setting] = value;
    reading.empty?.delete(setting);
  } else {
    if (setting in settings) delete settings[setting];
    reading.empty ??= new Set();
    reading.empty.add(setting);
  }
}

function settingsOf(values: ReadonlyMap<string, string>): Settings {
  const reading: Reading = { settings: noSettings() };
  for (const [key, value] of values) addSetting(reading, key, value);
  return reading.settings;
}
