/** The two ways into the console: switching to a role there, and signing in with a role's credentials. */

import { isChained } from "../assume-role/renewal.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { checkDuration, maximumChainedDuration, maximumRoleDuration } from "../assume-role/session-limits.ts";
import { planRequest, useRole } from "../assume-role/use-role.ts";
import { partitionOfRegion, validRegion } from "../network/partitions.ts";
import { regionOfEnvironment } from "../network/region.ts";
import { profileNotFound } from "../profiles/profile-not-found.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SignInParams, SwitchRoleParams, UsedRole } from "../protocol/methods.ts";
import { composeRoleArn, parseRoleArn, type RoleArn } from "../protocol/role-arn.ts";
import { consoleDestination } from "./destination.ts";
import { signInLink } from "./sign-in-link.ts";
import { checkColor, type SwitchedRole, switchRoleLink } from "./switch-role-link.ts";

export interface OpenedConsole {
  readonly link: string;
  readonly roleArn?: string;
  /** What the console will show, where that is known. */
  readonly displayName?: string;
  readonly color?: string;
}

/** What a link is made from: the profiles, and the roles used lately, whose names and colours are used again. */
export interface ConsoleSources extends Pick<ResolutionContext, "shared"> {
  readonly history: readonly UsedRole[];
}

/**
 * The Switch Role link for a role that is known by ARN, by profile, or by name and account. Nobody is called.
 * @throws RoleError `ProfileNotFound`, `ProfileIncomplete`, `ArnInvalid`, `ParameterConflict`, and those of `switchRoleLink`
 */
export function switchRole(params: SwitchRoleParams, sources: ConsoleSources, context: Context): OpenedConsole {
  const { shared, history } = sources;
  refuseIdleParameters(params);
  const { displayName, color } = params;
  const look = { displayName, color: color === undefined ? undefined : checkColor(color) };
  if (params.roleArn !== undefined) return linkTo(parseRoleArn(params.roleArn), look, history);

  if (params.profileName !== undefined) {
    const profile = shared.profile(params.profileName);
    if (!profile) throw profileNotFound(params.profileName, shared.origin);
    if (profile.settings.roleArn) return linkTo(parseRoleArn(profile.settings.roleArn), look, history);
    throw new RoleError("ProfileIncomplete", `Profile '${params.profileName}' has no role to switch to.`, {
      target: params.profileName,
      action: "Name a profile with a role, or open the console with -SignIn.",
    });
  }

  if (params.roleName === undefined || params.account === undefined) {
    throw new RoleError("ParameterConflict", "No role is named.", {
      target: "-RoleName",
      action: "Give -RoleArn, -ProfileName, or -RoleName and -AccountId.",
    });
  }
  const region = params.region ?? regionOfEnvironment(context.environment)?.value;
  const partition = region === undefined ? "aws" : partitionOfRegion(validRegion(region)).name;
  // An alias is no part of an ARN.
  if (/^\d{12}$/.test(params.account))
    return linkTo(composeRoleArn(partition, params.account, params.roleName), look, history);
  return { link: switchRoleLink({ partition, account: params.account, roleName: params.roleName, ...look }) };
}

/** A role is named in one way, and what belongs to another way would have no effect. */
function refuseIdleParameters(params: SwitchRoleParams): void {
  const refuse = (named: keyof SwitchRoleParams, idle: readonly (keyof SwitchRoleParams)[]) => {
    const given = params[named] === undefined ? undefined : idle.find((name) => params[name] !== undefined);
    if (given === undefined) return;
    const [one, other] = [parameterNames[named], parameterNames[given]];
    throw new RoleError("ParameterConflict", `${other} has no effect beside ${one}.`, {
      target: other ?? given,
      action: `Leave out ${other}, or ${one}.`,
    });
  };
  refuse("roleArn", ["profileName", "profileLocation", "roleName", "account", "region"]);
  refuse("profileName", ["roleName", "account", "region"]);
  refuse("roleName", ["profileLocation"]);
}

const parameterNames: Readonly<Partial<Record<keyof SwitchRoleParams, string>>> = {
  roleArn: "-RoleArn",
  profileName: "-ProfileName",
  profileLocation: "-ProfileLocation",
  roleName: "-RoleName",
  account: "-AccountId",
  region: "-Region",
};

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
 * A link that opens the console as the role that a request asks for, without another sign-in.
 * @throws RoleError `DurationInvalid`, `DestinationInvalid`, and those of `useRole` and `signInLink`
 */
export async function signIn(
  params: SignInParams,
  resolution: ResolutionContext,
  context: Context,
): Promise<OpenedConsole> {
  const { destination, sessionDurationInSeconds, chained, partition: given, ...asked } = params;
  if (!asked.credentials && (chained !== undefined || given !== undefined))
    throw new RoleError("RequestInvalid", "'chained' and 'partition' describe credentials, and none are given.");
  const plan = planRequest(asked, resolution, context);
  if (sessionDurationInSeconds !== undefined) {
    const isLimited = chained === true || isChained(plan, context.environment);
    // The federation endpoint refuses it for a chained role, with an answer that does not say why.
    if (isLimited)
      checkDuration(sessionDurationInSeconds, maximumChainedDuration, "for the console session of a chained role");
    else checkDuration(sessionDurationInSeconds, maximumRoleDuration, "for a console session");
  }
  // What is wrong with the destination is told before anybody is called, wherever the role already tells the partition.
  const foreseen = plan.hops.at(-1)?.roleArn.partition ?? given;
  if (foreseen !== undefined) consoleDestination(destination, foreseen, undefined);

  const used = await useRole(asked, resolution, context);
  const arn = used.assumedRoleUser?.arn ?? used.roleArn;
  const partition = /^arn:([^:]+):/.exec(arn ?? "")?.[1] ?? given ?? partitionOfRegion(used.region ?? "us-east-1").name;
  const region = used.region === undefined ? undefined : validRegion(used.region);
  // A region of another part of AWS, which is meant for something else, names no console.
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
  return { link, ...(used.roleArn !== undefined && { roleArn: used.roleArn }) };
}
