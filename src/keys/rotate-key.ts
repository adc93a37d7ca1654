/**
 * Replaces the access key of a profile with a new one. At every moment the files hold a key that works: the old one until the new one has been
 * tested and stored, and the old one is deleted last. A rotation that is interrupted is completed by the next one.
 */
import { join } from "node:path";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { keychainKeyOf } from "../credentials/keychain-keys.ts";
import { withLock } from "../platform/file-lock.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { moduleDirectory } from "../profiles/locations.ts";
import { readSharedConfig } from "../profiles/read.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";
import type { StoredKeys } from "../vault/keychain.ts";
import { askIam, iamCodeOf } from "./iam-call.ts";
import { holdersOf, type KeyHolder, keysOf, replaceKeys } from "./key-holders.ts";
import { forgetKey, type KeyPlace } from "./keychain-profile.ts";
import { deleteKey, propagation, tooManyKeys, untilKnown } from "./own-keys.ts";
import { type BegunRotation, type RotationJournal, rotationJournal } from "./rotation-journal.ts";

export interface RotationRequest {
  readonly profile: Profile;
  readonly place: KeyPlace;
  readonly resolution: ResolutionContext;
  /** Asks STS whose keys these are. */
  readonly identify: (keys: StoredKeys, context: Context) => Promise<CallerIdentity>;
  /** Milliseconds until AWS has to know a new key. */
  readonly patience?: number;
}

export interface Rotation {
  readonly user: CallerIdentity;
  readonly oldAccessKeyId: string;
  readonly newAccessKeyId: string;
  readonly holders: readonly KeyHolder[];
  /** Whether it completed an earlier rotation. */
  readonly resumed: boolean;
  readonly warnings: readonly string[];
}

/** @throws RoleError `KeyNotRotatable`, `KeyLimitReached`, `AccessDenied`, `FileBusy`, those of IAM, of the files and of the keychain */
export async function rotateKey(request: RotationRequest, context: Context): Promise<Rotation> {
  const folder = moduleDirectory(context);
  makeFolder(folder);
  // Two rotations at once would create two keys.
  return withLock(join(folder, "rotation"), context, () => rotate(request, rotationJournal(context), context), {
    patience: 2 * propagation,
  });
}

async function rotate(asked: RotationRequest, journal: RotationJournal, context: Context): Promise<Rotation> {
  const request = withProfileOfNow(asked);
  const old = await keysOf(request.profile, request.place, context);
  const user = await request.identify(old, context);
  requireUser(user, request.profile);
  const begun = [...journal.read()].find(
    ([oldKey, { newKey }]) => oldKey === old.accessKeyId || newKey === old.accessKeyId,
  );
  const left = begun && (await resume(request, journal, { user, old, begun }, context));
  if (left) return left;
  const keys = await createKey(request, journal, old, begun !== undefined && begun[1].newKey === undefined, context);
  try {
    await journal.note(old.accessKeyId, { newKey: keys.accessKeyId, files: request.place.everyFile });
    if (context.signal.aborted) throw canceled();
    await waitUntilKnown(keys, user, request, context);
    await replaceKeys(old.accessKeyId, keys, request.place, context);
  } catch (error) {
    throw await withdraw(request, journal, old, keys, error, context);
  }
  return complete(request, journal, context, { user, oldKey: old.accessKeyId, keys, isNew: true });
}

/** Another rotation may have replaced the keys while this one waited for it. */
function withProfileOfNow(request: RotationRequest): RotationRequest {
  const profile = readSharedConfig(request.resolution.files).profile(request.profile.name);
  return profile ? { ...request, profile } : request;
}

/** Completes a rotation that was interrupted. Undefined if its new key is lost, or if AWS may not have made one. */
async function resume(
  request: RotationRequest,
  journal: RotationJournal,
  {
    user,
    old,
    begun: [oldKey, { newKey, files }],
  }: {
    readonly user: CallerIdentity;
    readonly old: StoredKeys;
    readonly begun: readonly [string, BegunRotation];
  },
  context: Context,
): Promise<Rotation | undefined> {
  if (newKey === undefined) return undefined;
  const place = { ...request.place, everyFile: [...request.place.everyFile, ...files] };
  const [holder] = holdersOf(newKey, place);
  if (holder) {
    const keys = newKey === old.accessKeyId ? old : await keysOf(holder.profile, place, context);
    return complete({ ...request, place }, journal, context, { user, oldKey, keys });
  }
  await deleteKey(request, old, newKey, context);
  if (keychainKeyOf(request.profile.settings) !== undefined) await forgetKey(newKey, place, context);
  return undefined;
}

/** Creates the new key. */
async function createKey(
  request: RotationRequest,
  journal: RotationJournal,
  old: StoredKeys,
  wasInterrupted: boolean,
  context: Context,
): Promise<StoredKeys> {
  await journal.note(old.accessKeyId, { files: request.place.everyFile });
  let created: { readonly id: string | undefined; readonly secret: string | undefined };
  try {
    // Not canceled by Ctrl+C, because the key would be lost.
    const during = { ...context, signal: new AbortController().signal };
    created = await askIam("CreateAccessKey", request.profile, old, request.resolution, during, (iam) =>
      iam.createAccessKey(),
    );
  } catch (error) {
    const code = iamCodeOf(error);
    // Without an answer, there may be a key. The next rotation then says so.
    if (code !== undefined && !(wasInterrupted && code === "LimitExceeded"))
      await journal.note(old.accessKeyId, undefined);
    throw code === "LimitExceeded" ? await tooManyKeys(request, old, wasInterrupted, context) : error;
  }
  const { id, secret } = created;
  if (!id || !secret) {
    throw new RoleError("IamFailed", "IAM's response has no new key.", {
      target: request.profile.name,
      action: "The profile still has its old key. Check the endpoint URL and the proxy.",
    });
  }
  context.say(`Created the access key ${maskedAccessKey(id)}.`);
  return { accessKeyId: id, secretAccessKey: secret };
}

/** Waits until AWS knows the new key, and checks that it belongs to the same user. */
async function waitUntilKnown(
  keys: StoredKeys,
  user: CallerIdentity,
  { identify, patience }: RotationRequest,
  context: Context,
): Promise<void> {
  await untilKnown(patience, context, async () => {
    const { arn } = await identify(keys, context);
    if (arn === user.arn) return;
    throw new RoleError("IamFailed", `The new key belongs to ${arn}, and not to ${user.arn}.`, {
      target: user.arn,
      action: "Check the endpoint URLs of STS and IAM.",
    });
  });
}

/** Deletes the new key if no profile has it, and returns the error with what is left. */
async function withdraw(
  request: RotationRequest,
  journal: RotationJournal,
  old: StoredKeys,
  keys: StoredKeys,
  error: unknown,
  context: Context,
): Promise<unknown> {
  const names = holdersOf(keys.accessKeyId, request.place).map(({ profile }) => `'${profile.name}'`);
  if (names.length > 0) {
    const has = `Both keys work. Profile ${names.join(", ")} has the new one already.`;
    return withAction(error, `${has} Run Update-RoleKey again to complete the rotation.`);
  }
  // After Ctrl+C the caller no longer listens, but the key must go.
  const signal = new AbortController().signal;
  try {
    await deleteKey(request, old, keys.accessKeyId, { ...context, signal });
    await journal.note(old.accessKeyId, undefined);
    return withAction(error, "The profile still has its old key, which works. The new one was deleted.");
  } catch {
    const left = `The profile still has its old key, which works. The new key ${maskedAccessKey(keys.accessKeyId)} could not be deleted:`;
    return withAction(error, `${left} run Update-RoleKey again, which deletes it first.`);
  }
}

/** Stores the new key wherever the old one is left, and deletes the old one. */
async function complete(
  { profile, place, resolution, patience }: RotationRequest,
  journal: RotationJournal,
  context: Context,
  { user, oldKey, keys, isNew = false }: { user: CallerIdentity; oldKey: string; keys: StoredKeys; isNew?: boolean },
): Promise<Rotation> {
  const holders = await replaceKeys(oldKey, keys, place, context);
  const warnings: string[] = [];
  try {
    await untilKnown(patience, context, () => deleteKey({ profile, resolution }, keys, oldKey, context));
    const isInKeychain = holders.some(({ keyStore }) => keyStore === "keychain");
    if (isInKeychain) warnings.push(...(await forgetKey(oldKey, place, context)));
    await journal.note(oldKey, undefined);
  } catch (error) {
    if (!(error instanceof RoleError) || error.code === "Cancelled") throw error;
    warnings.push(
      `The new key is stored, but the old one (${maskedAccessKey(oldKey)}) could not be deleted, and still works. ${error.message} Run Update-RoleKey again to delete it.`,
    );
  }
  if (context.environment.AWS_ACCESS_KEY_ID === oldKey)
    warnings.push("AWS_ACCESS_KEY_ID in this session is still the old key.");
  return { user, oldAccessKeyId: oldKey, newAccessKeyId: keys.accessKeyId, holders, resumed: !isNew, warnings };
}

function requireUser({ arn }: CallerIdentity, { name }: Profile): void {
  if (/^arn:[^:]+:iam::\d*:user\//.test(arn)) return;
  throw new RoleError("KeyNotRotatable", `The keys of profile '${name}' belong to ${arn}, which is not an IAM user.`, {
    target: name,
    action: "Delete the keys of a root user in the console, and use those of an IAM user.",
  });
}

function withAction(error: unknown, action: string): unknown {
  if (!(error instanceof RoleError)) return error;
  return new RoleError(error.code, error.message, {
    ...error.details,
    action: [error.details.action, action].join(" "),
  });
}
