/** The two ways to open the console as a role: switching roles in it, and signing in with the role's credentials. */

import { planRequest } from "../assume-role/plan-request.ts";
import { isChained } from "../assume-role/renewal.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { checkDuration, maximumChainedDuration, maximumRoleDuration } from "../assume-role/session-limits.ts";
import { parameterName } from "../assume-role/session-parameters.ts";
import { useRole } from "../assume-role/use-role.ts";
import { namesSession } from "../identity-center/choose-session.ts";
import { partitionOfRegion, validRegion } from "../network/partitions.ts";
import { regionOfEnvironment } from "../network/region.ts";
import { requireProfile } from "../profiles/require-profile.ts";
import type { BrowserContainer, ConsoleLink, SignInParams, SwitchRoleParams } from "../protocol/console-messages.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UsedRole } from "../protocol/history-messages.ts";
import { composeRoleArn, parseRoleArn, type RoleArn } from "../protocol/role-arn.ts";
import { checkContainer, containerLink } from "./container-link.ts";
import { consoleDestination } from "./destination.ts";
import { portalLink } from "./portal-link.ts";
import { signInLink } from "./sign-in-link.ts";
import { checkColor, type SwitchedRole, switchRoleLink } from "./switch-role-link.ts";

/** The sources for a link: the profiles, and the role history, whose display names and colors are reused. */
export interface ConsoleSources extends Pick<ResolutionContext, "shared"> {
  readonly history: readonly UsedRole[];
}

/** A link, and the role that it opens, with its looks in the history. */
export interface OpenedConsole extends ConsoleLink, Pick<UsedRole, "displayName" | "color"> {
  roleArn?: string;
}

/**
 * Returns the Switch Role link for a role named by ARN, by profile, or by name and account. It makes no calls.
 * @throws RoleError `ProfileNotFound`, `ProfileIncomplete`, `ArnInvalid`, `ParameterConflict`, `ContainerInvalid`, and those of
 * `switchRoleLink`
 */
export function switchRole(params: SwitchRoleParams, sources: ConsoleSources, context: Context): OpenedConsole {
  return inContainer(switchRolePage(params, sources, context), params.container);
}

function inContainer(opened: OpenedConsole, container: BrowserContainer | undefined): OpenedConsole {
  return container === undefined ? opened : { ...opened, link: containerLink(opened.link, container) };
}

function switchRolePage(params: SwitchRoleParams, sources: ConsoleSources, context: Context): OpenedConsole {
  const { shared, history } = sources;
  refuseIdleParameters(params);
  if (namesSession(params)) return { link: portalLink(params, shared) };
  const { displayName, color } = params;
  const look = { displayName, color: color === undefined ? undefined : checkColor(color) };
  if (params.roleArn !== undefined) return linkTo(parseRoleArn(params.roleArn), look, history);

  if (params.profileName !== undefined) {
    const { roleArn } = requireProfile(params.profileName, shared).settings;
    if (roleArn) return linkTo(parseRoleArn(roleArn), look, history);
    throw new RoleError("ProfileIncomplete", `Profile '${params.profileName}' has no role to switch to.`, {
      target: params.profileName,
      action: "Name a profile with a role, or open the console with -SignIn.",
    });
  }

  if (params.roleName === undefined || params.account === undefined) {
    throw new RoleError("ParameterConflict", "No role is named.", {
      target: "-RoleName",
      action: "Pass -RoleArn, -ProfileName, or -RoleName and -AccountId.",
    });
  }
  const region = params.region ?? regionOfEnvironment(context.environment)?.value;
  const partition = region === undefined ? "aws" : partitionOfRegion(validRegion(region)).name;
  // An ARN cannot contain an account alias.
  if (/^\d{12}$/.test(params.account))
    return linkTo(composeRoleArn(partition, params.account, params.roleName), look, history);
  return { link: switchRoleLink({ partition, account: params.account, roleName: params.roleName, ...look }) };
}

/** Refuses parameters that would have no effect: a role is named in one way, and the parameters of the others are unused. */
function refuseIdleParameters(params: SwitchRoleParams): void {
  const refuse = (named: keyof SwitchRoleParams, idle: readonly (keyof SwitchRoleParams)[]) => {
    const given = params[named] === undefined ? undefined : idle.find((name) => params[name] !== undefined);
    if (given === undefined) return;
    const [one, other] = [nameOf(named), nameOf(given)];
    throw new RoleError("ParameterConflict", `${other} has no effect together with ${one}.`, {
      target: other,
      action: `Omit ${other}, or ${one}.`,
    });
  };
  refuse("roleArn", ["profileName", "profileLocation", "roleName", "account", "region"]);
  refuse("profileName", ["roleName", "account", "region"]);
  for (const session of ["ssoSession", "startUrl", "ssoRegion"] as const)
    refuse(session, ["roleArn", "profileName", "region", "displayName", "color"]);
  if (!namesSession(params)) refuse("roleName", ["profileLocation"]);
}

function nameOf(member: keyof SwitchRoleParams): string {
  return member === "account" ? "-AccountId" : parameterName(member);
}

type Look = Pick<SwitchedRole, "displayName" | "color">;

function linkTo(role: RoleArn, wanted: Look, history: readonly UsedRole[]): OpenedConsole {
  const { partition, accountId: account, path, name, text: roleArn } = role;
  const before = history.find((used) => used.roleArn === roleArn);
  const displayName = wanted.displayName ?? before?.displayName;
  const color = wanted.color ?? before?.color;
  const link = switchRoleLink({ partition, account, roleName: `${path}${name}`.slice(1), displayName, color });
  return { link, roleArn, ...(displayName !== undefined && { displayName }), ...(color !== undefined && { color }) };
}

/**
 * Returns a link that opens the console as the requested role, without another sign-in.
 * @throws RoleError `DurationInvalid`, `DestinationInvalid`, `ContainerInvalid`, and those of `useRole` and `signInLink`
 */
export async function signIn(
  params: SignInParams,
  resolution: ResolutionContext,
  context: Context,
): Promise<OpenedConsole> {
  const { destination, container, sessionDurationInSeconds, chained, partition: given, ...asked } = params;
  if (!asked.credentials && (chained !== undefined || given !== undefined))
    throw new RoleError("RequestInvalid", "'chained' and 'partition' need 'credentials'.");
  const plan = planRequest(asked, resolution, context);
  if (sessionDurationInSeconds !== undefined) {
    const isLimited = chained === true || isChained(plan, context.environment);
    // The federation endpoint refuses a longer session for a chained role without saying why.
    if (isLimited)
      checkDuration(sessionDurationInSeconds, maximumChainedDuration, "for the console session of a chained role");
    else checkDuration(sessionDurationInSeconds, maximumRoleDuration, "for a console session");
  }
  if (container !== undefined) checkContainer(container);
  // If the partition is already known, report an invalid destination before making any call.
  const foreseen = plan.hops.at(-1)?.roleArn.partition ?? given;
  if (foreseen !== undefined) consoleDestination(destination, foreseen, undefined);

  const used = await useRole(asked, resolution, context);
  const arn = used.assumedRoleUser?.arn ?? used.roleArn;
  const partition = /^arn:([^:]+):/.exec(arn ?? "")?.[1] ?? given ?? partitionOfRegion(used.region ?? "us-east-1").name;
  const region = used.region === undefined ? undefined : validRegion(used.region);
  // Ignore a region of another partition: it has no console for this role.
  const near = region !== undefined && partitionOfRegion(region).name === partition ? region : undefined;
  const link = await signInLink(
    {
      credentials: used,
      partition,
      destination: consoleDestination(destination, partition, near),
      sessionDuration: sessionDurationInSeconds,
      target: asked.profileName ?? used.roleArn ?? "the console",
      settings: plan.settings,
      shared: resolution.shared,
    },
    context,
  );
  return inContainer({ link, ...(used.roleArn !== undefined && { roleArn: used.roleArn }) }, container);
}
