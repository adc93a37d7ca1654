import { BoundedMap } from "../platform/bounded-map.ts";
import { findHome } from "../profiles/locations.ts";
import type { Environment } from "../protocol/context.ts";
import type { SsoAccount } from "../protocol/identity-center-messages.ts";

/** An account that a session gives, and a role in it if its roles have been listed. */
export interface ListedRole {
  readonly accountId: string;
  readonly accountName: string;
  readonly roleName?: string;
}

interface Listing {
  accounts: readonly SsoAccount[];
  readonly roleNames: Map<string, readonly string[]>;
}

const maximumSessions = 16;

/** What this process has listed of each session, for completion, which makes no calls. It is in memory only. */
export class ListedRoles {
  readonly #listings = new BoundedMap<string, Listing>(maximumSessions);

  keepAccounts(session: string, environment: Environment, accounts: readonly SsoAccount[]): void {
    this.#listing(session, environment).accounts = accounts;
  }

  keepRoleNames(session: string, environment: Environment, accountId: string, roleNames: readonly string[]): void {
    this.#listing(session, environment).roleNames.set(accountId, roleNames);
  }

  forget(session: string, environment: Environment): void {
    this.#listings.delete(keyOf(session, environment));
  }

  of(session: string, environment: Environment): readonly ListedRole[] {
    const listing = this.#listings.get(keyOf(session, environment));
    return (listing?.accounts ?? []).flatMap(({ accountId, accountName }): ListedRole[] => {
      const roleNames = listing?.roleNames.get(accountId);
      return roleNames?.map((roleName) => ({ accountId, accountName, roleName })) ?? [{ accountId, accountName }];
    });
  }

  #listing(session: string, environment: Environment): Listing {
    const key = keyOf(session, environment);
    const listing = this.#listings.get(key) ?? { accounts: [], roleNames: new Map() };
    this.#listings.set(key, listing);
    return listing;
  }
}

function keyOf(session: string, environment: Environment): string {
  return `${findHome(environment) ?? ""}\n${session}`;
}
