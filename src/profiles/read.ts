import type { FileLocations } from "./locations.ts";
import { hiddenInKey, nearMiss } from "./near-miss.ts";
import { nestedMap } from "./property.ts";
import { includeProfileKey, olderTokenKey, type Setting, type Settings, settingOf } from "./settings.ts";
import type { ConfigOrigin, SharedConfig } from "./shared-config.ts";
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
      const settings = noSettings();
      const take = (key: string, value: string) => addSetting(settings, key, value);
      config.readValues(inConfig, take);
      credentials.readValues(inCredentials, take);
      return { name, settings };
    },
    profiles() {
      for (const file of [config, credentials]) file.checkNames();
      const found = new Map<string, WritableSettings>();
      let settings = noSettings();
      const begin = (name: string) => {
        settings = found.get(name) ?? noSettings();
        found.set(name, settings);
      };
      const take = (key: string, value: string) => addSetting(settings, key, value);
      for (const file of [config, credentials]) file.readProfiles(begin, take);
      return Array.from(found, ([name, settings]) => ({ name, settings }));
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

/** Creates an object that inherits nothing. `Object.create(null)` would do the same, but V8 makes each such object a hash table. */
function noSettings(): WritableSettings {
  return new Bare();
}

const Bare = function Bare() {} as unknown as new () => WritableSettings;
Bare.prototype = Object.freeze(Object.create(null));

/** Adds a known key. An empty value removes the value of an earlier section. */
function addSetting(settings: WritableSettings, key: string, value: string): void {
  const setting = settingOf(key);
  if (!setting) return;
  // If a section has both keys, the AWS CLI reads the older one, in either order.
  if (key === olderTokenKey) value === "" ? holdOlderToken.delete(settings) : holdOlderToken.add(settings);
  else if (setting === "sessionToken" && holdOlderToken.has(settings)) return;
  if (value !== "") settings[setting] = value;
  else if (setting in settings) delete settings[setting];
}

const holdOlderToken = new WeakSet<WritableSettings>();

function settingsOf(values: ReadonlyMap<string, string>): Settings {
  const settings = noSettings();
  for (const [key, value] of values) addSetting(settings, key, value);
  return settings;
}
