import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { base32, type Directory, userPrincipal } from "./directory.ts";
import type { Principal } from "./principal.ts";
import type { World } from "./world-types.ts";

/** Temporary credentials that the sandbox issued. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expiration: number;
  readonly principal: Principal;
}

export interface SessionStore {
  issue(principal: Principal, durationSeconds: number): Session;
  find(accessKeyId: string): Session | undefined;
}

export function createSessionStore(world: World, directory: Directory, clock: Clock): SessionStore {
  const sessions = new Map<string, Session>();
  for (const { userArn, expiration, ...credentials } of world.sessions ?? []) {
    const found = directory.user(userArn);
    if (!found) throw new Error(`The world declares a session of ${userArn}, which does not exist.`);
    const principal = { ...userPrincipal(found.account, found.user), temporary: true };
    sessions.set(credentials.accessKeyId, { ...credentials, expiration: Date.parse(expiration), principal });
  }
  return {
    issue: (principal, durationSeconds) => {
      const session: Session = {
        accessKeyId: `ASIA${base32(randomBytes(10))}`,
        secretAccessKey: randomBytes(30).toString("base64"),
        // As long as AWS's tokens, and with the characters that need escaping: + / =
        sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(496).toString("base64")}`,
        // AWS expirations are whole seconds
        expiration: Math.floor(clock.now() / 1000 + durationSeconds) * 1000,
        principal,
      };
      sessions.set(session.accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
  };
}
