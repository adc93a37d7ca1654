import { createHash } from "node:crypto";
import { iamArn, type Principal, partitionOf } from "./principal.ts";
import type { AccessKey, Account, MfaDevice, Role, User, World } from "./world-types.ts";

/** A world, indexed for the services' lookups. */
export interface Directory {
  account(id: string): Account | undefined;
  /** Long-term keys, including inactive ones. */
  accessKey(id: string): { readonly key: AccessKey; readonly principal: Principal } | undefined;
  /** The long-term keys of a user, oldest first. */
  keysOf(principal: Principal): readonly AccessKey[];
  addKey(principal: Principal, key: AccessKey): void;
  removeKey(id: string): void;
  /** Undoes what addKey and removeKey did. */
  restoreKeys(): void;
  role(arn: string): { readonly account: Account; readonly role: Role } | undefined;
  user(nameOrArn: string): { readonly account: Account; readonly user: User } | undefined;
  mfaDevice(serial: string): { readonly user: User; readonly device: MfaDevice } | undefined;
}

export function createDirectory(world: World): Directory {
  const accounts = new Map(world.accounts.map((account) => [account.id, account]));
  const keys = new Map<string, { key: AccessKey; principal: Principal }>();
  const roles = new Map<string, { account: Account; role: Role }>();
  const users = new Map<string, { account: Account; user: User }>();
  const devices = new Map<string, { user: User; device: MfaDevice }>();

  for (const account of world.accounts) {
    for (const role of account.roles ?? []) roles.set(iamArn(account, "role", role), { account, role });
    for (const user of account.users ?? []) {
      const arn = iamArn(account, "user", user);
      users.set(arn, { account, user });
      if (!users.has(user.name)) users.set(user.name, { account, user });
      for (const device of user.mfaDevices ?? []) devices.set(device.serial, { user, device });
    }
  }
  const restoreKeys = () => {
    keys.clear();
    for (const account of world.accounts) {
      for (const key of account.rootKeys ?? []) keys.set(key.id, { key, principal: rootOf(account) });
      for (const user of account.users ?? [])
        for (const key of user.keys ?? []) keys.set(key.id, { key, principal: userPrincipal(account, user) });
    }
  };
  restoreKeys();
  return {
    account: (id) => accounts.get(id),
    accessKey: (id) => keys.get(id),
    keysOf: ({ arn }) => [...keys.values()].filter(({ principal }) => principal.arn === arn).map(({ key }) => key),
    addKey: (principal, key) => keys.set(key.id, { key, principal }),
    removeKey: (id) => keys.delete(id),
    restoreKeys,
    role: (arn) => roles.get(arn),
    user: (nameOrArn) => users.get(nameOrArn),
    mfaDevice: (serial) => devices.get(serial),
  };
}

const nothingOfASession = { transitiveTagKeys: [], sessionPolicies: [] };

function rootOf(account: Account): Principal {
  const arn = `arn:${partitionOf(account)}:iam::${account.id}:root`;
  return { kind: "root", account, arn, userId: account.id, temporary: false, tags: {}, ...nothingOfASession };
}

export function userPrincipal(account: Account, user: User): Principal {
  const arn = iamArn(account, "user", user);
  const userId = uniqueId("AIDA", arn);
  return { kind: "user", account, user, arn, userId, temporary: false, tags: user.tags ?? {}, ...nothingOfASession };
}

/** The stable unique id of an IAM entity: `AIDA` for users or `AROA` for roles, then 17 more characters. */
export function uniqueId(prefix: "AIDA" | "AROA", arn: string): string {
  return prefix + base32(createHash("sha256").update(arn).digest()).slice(0, 17);
}

const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => base32Alphabet[Number.parseInt(five, 2)]).join("");
}
