import type { Clock } from "../clock.ts";
import { accessDenied } from "../errors.ts";
import { trustsProvider } from "../iam/authorization.ts";
import type { Directory } from "../iam/directory.ts";
import type { Session, SessionStore } from "../iam/sessions.ts";
import { beginRoleSession } from "../sts/role-session.ts";

/** Role sessions that an AWS service holds for its customers, such as an instance or a task. */
export interface ServiceCredentials {
  /** The role's current session, renewed after half of its six hours. */
  current(roleArn: string, servicePrincipal: string, roleSessionName: string): Session;
}

const sixHours = 6 * 3600;

export function createServiceCredentials(
  directory: Directory,
  sessions: SessionStore,
  clock: Clock,
): ServiceCredentials {
  const held = new Map<string, Session>();
  return {
    current: (roleArn, servicePrincipal, roleSessionName) => {
      const known = held.get(roleArn);
      if (known && known.expiration - clock.now() > (sixHours / 2) * 1000) return known;
      const found = directory.role(roleArn);
      const trusted = found && trustsProvider(found.role, "Service", servicePrincipal, "sts:AssumeRole", new Map());
      if (!trusted) throw accessDenied(`${servicePrincipal} may not assume ${roleArn}`);
      // The role's maximum session duration does not apply to services
      const role = { ...found.role, maxSessionDuration: sixHours };
      const session = beginRoleSession(sessions, { ...found, role, roleSessionName, durationSeconds: sixHours });
      held.set(roleArn, session);
      return session;
    },
  };
}
