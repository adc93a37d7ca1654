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
      const found = Array.from(inConfig, ([name, reading]) => profileOf(name, reading, inCredentials.get(name)));
      for (const [name, reading] of inCredentials)
        if (!inConfig.has(name)) found.push(profileOf(name, undefined, reading));
      return found;
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

/** Merges what the two files say about a profile. Both readings are used up. */
function profileOf(name: string, config: Reading | undefined, credentials: Reading | undefined): Profile {
  const reading = config && credentials ? merge(config, credentials) : (config ?? credentials);
  const { settings = noSettings(), empty } = reading ?? {};
  return empty && empty.size > 0 ? { name, settings, empty } : { name, settings };
}

/** Adds what the credentials file says to what the config file says. */
function merge(config: Reading, credentials: Reading): Reading {
  leaveOutKeys(config, credentials);
  for (const setting of Object.keys(credentials.settings) as Setting[]) {
    config.settings[setting] = credentials.settings[setting] as string;
    config.empty?.delete(setting);
  }
  for (const setting of credentials.empty ?? []) addEmpty(config, setting);
  return config;
}

/**
 * Leaves out the keys of one file if the other has an access key: an access key, its secret and its token come from one file, as in botocore
 * (SharedCredentialProvider and ConfigProvider in credentials.py). A mixture would match no access key.
 */
function leaveOutKeys(config: Reading, credentials: Reading): void {
  const without = hasAccessKey(credentials) ? config : hasAccessKey(config) ? credentials : undefined;
  if (!without) return;
  for (const setting of keySettings) {
    if (setting in without.settings) delete without.settings[setting];
    without.empty?.delete(setting);
  }
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
    addEmpty(reading, setting);
  }
}

function addEmpty(reading: Reading, setting: Setting): void {
  if (setting in reading.settings) delete reading.settings[setting];
  reading.empty ??= new Set();
  reading.empty.add(setting);
}

function settingsOf(values: ReadonlyMap<string, string>): Settings {
  const reading: Reading = { settings: noSettings() };
  for (const [key, value] of values) addSetting(reading, key, value);
  return reading.settings;
}
