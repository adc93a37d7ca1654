/** Tab completions. They come from the files, and from what has been listed before: completion makes no calls, asks no questions, and never fails. */

import { containerColors, containerIcons } from "../console/container-link.ts";
import { consoleServices } from "../console/services.ts";
import { consoleColors } from "../console/switch-role-link.ts";
import type { ListedRole } from "../identity-center/listed-roles.ts";
import { partitionOfRegion } from "../network/partitions.ts";
import { regionOfEnvironment } from "../network/region.ts";
import { regionNames } from "../network/region-names.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Completion, CompletionParams, CompletionSubject } from "../protocol/completion-messages.ts";
import type { Environment } from "../protocol/context.ts";
import type { UsedRole } from "../protocol/history-messages.ts";
import { parseRoleArn, type RoleArn } from "../protocol/role-arn.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import { managedPolicies } from "./managed-policies.ts";

/** The maximum number of completions. A longer menu does not help. */
const maximumCompletions = 500;

/** The sources of completions, each read on demand. */
export interface CompletionSources {
  readonly profiles: () => readonly Profile[];
  /** The names of the sso-sessions. */
  readonly ssoSessions: () => readonly string[];
  /** What the session has been seen to give. */
  readonly listedRoles: (session: string) => readonly ListedRole[];
  /** Newest first. */
  readonly history: () => readonly UsedRole[];
  readonly environment: Environment;
}

/**
 * Returns the completions for a word: those that start with it, then those that contain it or match its wildcards (* and ?), ignoring
 * case. It leaves out completions with characters that a terminal interprets.
 */
export function completionsFor(params: CompletionParams, sources: CompletionSources): Completion[] {
  const all = distinct(offers[params.subject](params, sources));
  const word = params.word.toLowerCase();
  const begin = all.filter(({ text }) => text.toLowerCase().startsWith(word));
  const holds = /[*?]/.test(word) ? matcherOf(word) : (text: string) => text.includes(word);
  const hold = all.filter(({ text }) => !text.toLowerCase().startsWith(word) && holds(text.toLowerCase()));
  return [...begin, ...hold].slice(0, maximumCompletions);
}

/** Matches texts that begin with a pattern. */
function matcherOf(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|/]/g, "\\$&")
    .replaceAll("?", ".")
    .replace(/\*+/g, ".*");
  const expression = new RegExp(`^${source}`, "su");
  return (text) => expression.test(text);
}

type Offer = (params: CompletionParams, sources: CompletionSources) => Completion[];

const offers: Readonly<Record<CompletionSubject, Offer>> = {
  profile: (_, { profiles }) => profiles().map((profile) => ({ text: profile.name, tip: aboutProfile(profile) })),

  role: (_, sources) => roles(sources).map(({ arn, tip }) => ({ text: arn.text, tip })),

  roleOrProfile: (params, sources) => [...offers.profile(params, sources), ...offers.role(params, sources)],

  roleName: (params, sources) =>
    namedRoles(params, sources)
      .filter(({ accountId }) => params.accountId === undefined || accountId === params.accountId)
      .flatMap(({ roleName, tip }) => (roleName === undefined ? [] : [{ text: roleName, tip }])),

  account: (params, sources) =>
    namedRoles(params, sources)
      .filter(({ roleName }) => params.roleName === undefined || roleName === params.roleName.replace(/^\//, ""))
      .map(({ accountId, tip }) => ({ text: accountId, tip })),

  ssoSession: (_, { ssoSessions }) => ssoSessions().map((text) => ({ text, tip: "Session of IAM Identity Center" })),

  region: regions,

  mfaSerial: (_, { profiles }) =>
    profiles().flatMap(({ name, settings }) =>
      settings.mfaSerial ? [{ text: settings.mfaSerial, tip: `MFA device of profile ${name}` }] : [],
    ),

  policy: (params, sources) => {
    const partition = partitionMeant(params, sources);
    return Object.entries(managedPolicies).map(([name, what]) => ({
      text: `arn:${partition}:iam::aws:policy/${name}`,
      tip: `AWS managed policy: ${what}`,
    }));
  },

  credentialSource: () => [
    { text: "Environment", tip: "The keys in the environment variables" },
    { text: "Ec2InstanceMetadata", tip: "The role of the EC2 instance" },
    { text: "EcsContainer", tip: "The role of the container (ECS, EKS Pod Identity)" },
  ],

  color: () =>
    Object.entries(consoleColors).map(([name, digits]) => ({ text: name, tip: `The console's ${name} (${digits})` })),

  destination: () =>
    Array.from(consoleServices, ([name, { title, path }]) => ({ text: name, tip: `${title}: ${path}` })),

  containerColor: () => containerColors.map((name) => ({ text: name, tip: `A container in ${name}` })),

  containerIcon: () => containerIcons.map((name) => ({ text: name, tip: `A container with the icon ${name}` })),
};

interface KnownRole {
  readonly arn: RoleArn;
  readonly tip: string;
}

interface NamedRole {
  readonly accountId: string;
  /** Absent for an account whose roles are unknown. */
  readonly roleName?: string;
  readonly tip: string;
}

/** The roles of a session of IAM Identity Center that profiles name or a cmdlet has listed; without a session, IAM roles. */
function namedRoles({ ssoSession }: CompletionParams, sources: CompletionSources): NamedRole[] {
  if (ssoSession === undefined) {
    return roles(sources).map(({ arn, tip }) => ({ accountId: arn.accountId, roleName: fullName(arn), tip }));
  }
  const listed = sources.listedRoles(ssoSession).map(({ accountName, ...role }) => ({
    ...role,
    tip: `In IAM Identity Center: ${accountName || role.accountId}`,
  }));
  const stored = sources
    .profiles()
    .flatMap(({ name, settings: { ssoAccountId, ssoRoleName, ...settings } }) =>
      ssoAccountId && ssoRoleName && settings.ssoSession === ssoSession
        ? [{ accountId: ssoAccountId, roleName: ssoRoleName, tip: `Role of profile ${name}` }]
        : [],
    );
  return [...stored, ...listed];
}

/** Recently used roles, newest first, then the roles of the profiles. */
function roles({ history, profiles }: CompletionSources): KnownRole[] {
  const used = history().flatMap((role) => known(role.roleArn, aboutUse(role)));
  const stored = profiles().flatMap(({ name, settings }) =>
    settings.roleArn ? known(settings.roleArn, `Role of profile ${name}`) : [],
  );
  return [...used, ...stored];
}

function known(text: string, tip: string): KnownRole[] {
  try {
    return [{ arn: parseRoleArn(text), tip }];
  } catch {
    // A profile may contain any text.
    return [];
  }
}

function fullName({ path, name }: RoleArn): string {
  return `${path}${name}`.slice(1);
}

function aboutUse({ lastUsed, displayName, profileName, region }: UsedRole): string {
  const facts = [
    `used ${lastUsed.slice(0, 16).replace("T", " ")} UTC`,
    ...(profileName === undefined ? [] : [`profile ${profileName}`]),
    ...(region === undefined ? [] : [region]),
  ];
  return `${displayName ?? "Role"}: ${facts.join(", ")}`;
}

function aboutProfile({ settings }: Profile): string {
  const { mfaSerial, region } = settings;
  return [aboutSource(settings), ...(mfaSerial ? ["with MFA"] : []), ...(region ? [region] : [])].join(", ");
}

/** In the order in which the credentials of a profile count: docs/compatibility.md. */
function aboutSource(settings: Settings): string {
  const { roleArn, sourceProfile, credentialSource, ssoSession, ssoStartUrl, loginSession } = settings;
  if (roleArn) {
    const source = sourceProfile || credentialSource;
    return `Role ${roleArn}${source ? ` from ${source}` : ""}`;
  }
  if (settings.ssoAccountId || settings.ssoRoleName) {
    const session = ssoSession || ssoStartUrl;
    const role = `${settings.ssoRoleName ?? "?"} in ${settings.ssoAccountId ?? "?"}`;
    return `IAM Identity Center: ${role}${session ? ` from ${session}` : ""}`;
  }
  if (settings.accessKeyId) return "Keys";
  if (loginSession) return `aws login: ${loginSession}`;
  return settings.credentialProcess ? "Credentials from a process" : "Settings only";
}

function regions(params: CompletionParams, sources: CompletionSources): Completion[] {
  const meant = partitionMeant(params, sources);
  const partitions = [meant, ...Object.keys(regionNames).filter((name) => name !== meant)];
  return partitions.flatMap((partition) =>
    Object.entries(regionNames[partition] ?? {}).map(([text, tip]) => ({ text, tip })),
  );
}

/** The partition that the rest of the command line or the environment implies. */
function partitionMeant({ roleArn }: CompletionParams, { environment }: CompletionSources): string {
  const named = /^arn:(aws[a-z-]*):/.exec(roleArn ?? "")?.[1];
  if (named !== undefined) return named;
  const region = regionOfEnvironment(environment)?.value;
  return region ? partitionOfRegion(region).name : "aws";
}

function distinct(completions: readonly Completion[]): Completion[] {
  const seen = new Set<string>();
  return completions.flatMap(({ text, tip }) => {
    if (seen.has(text) || text === "" || escapeForTerminal(text) !== text) return [];
    seen.add(text);
    return [{ text, tip: escapeForTerminal(tip) }];
  });
}
