import type { AccessKey, Account, Role, Statement, User, World } from "./iam/world-types.ts";

/** The default accounts, users and roles of the sandbox. README.md describes them. Tests may declare their own world. */

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Access keys of the users in the default world. */
export const keysOf = {
  jo: { accessKeyId: "AKIAJOEXAMPLE0000001", secretAccessKey: "Jo/EXAMPLE+secret00000000000000000000001" },
  ann: { accessKeyId: "AKIAANNEXAMPLE000001", secretAccessKey: "Ann/EXAMPLE+secret0000000000000000000001" },
  annInactive: { accessKeyId: "AKIAANNEXAMPLE000002", secretAccessKey: "Ann/EXAMPLE+secret0000000000000000000002" },
  root: { accessKeyId: "AKIAROOTEXAMPLE00001", secretAccessKey: "Root/EXAMPLE+secret000000000000000000001" },
  wei: { accessKeyId: "AKIAWEIEXAMPLE000001", secretAccessKey: "Wei/EXAMPLE+secret0000000000000000000001" },
  sam: { accessKeyId: "AKIASAMEXAMPLE000001", secretAccessKey: "Sam/EXAMPLE+secret0000000000000000000001" },
  expired: {
    accessKeyId: "ASIAEXPIREDEXAMPLE01",
    secretAccessKey: "Expired/EXAMPLE+secret000000000000000001",
    sessionToken: "EXPIREDEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample==",
  },
} satisfies Readonly<Record<string, Keys>>;

const active = ({ accessKeyId, secretAccessKey }: Keys): AccessKey => ({ id: accessKeyId, secret: secretAccessKey });

const assume = "sts:AssumeRole";
const everythingOnRoles = [assume, "sts:TagSession", "sts:SetSourceIdentity"];

const ownKeys = ["Create", "Delete", "List"].map((verb) => `iam:${verb}AccessKey*`);

const main = "111111111111";
const production = "123456789012";
const partner = "222222222222";
const vault = "333333333333";

const user = (name: string, account = main) => `arn:aws:iam::${account}:user/${name}`;
const role = (name: string, account = production) => `arn:aws:iam::${account}:role/${name}`;
const device = (name: string, account = main) => `arn:aws:iam::${account}:mfa/${name}`;

/** A trust policy of one statement: which principal may assume the role, under which condition. */
function trusts(AWS: string | readonly string[], Condition?: Statement["Condition"], Action = everythingOnRoles) {
  return [{ Effect: "Allow", Principal: { AWS }, Action, ...(Condition && { Condition }) }] satisfies Statement[];
}

function may(Resource: string | readonly string[], Action: string | readonly string[] = everythingOnRoles): Statement {
  return { Effect: "Allow", Action, Resource };
}

/** The users' account, and their keys. */
const mainAccount: Account = {
  id: main,
  disabledRegions: ["me-south-1"],
  rootKeys: [active(keysOf.root)],
  users: [
    {
      name: "jo",
      keys: [active(keysOf.jo)],
      mfaDevices: [{ serial: device("jo"), seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" }],
      tags: { team: "platform" },
      policy: [
        may("*"),
        may(user("jo"), ownKeys),
        { Effect: "Deny", Action: assume, Resource: role("DeniedByIdentity") },
      ],
    },
    {
      // May assume nothing, even when a role trusts her, except where a role in her own account names her
      name: "ann",
      keys: [active(keysOf.ann), { ...active(keysOf.annInactive), status: "Inactive" }],
    },
  ],
  roles: [
    { name: "SameAccount", trust: trusts(user("ann")) },
    { name: "Hub", trust: trusts(user("jo")), policy: [may("*")] },
    { name: "ChainA", maxSessionDuration: 43_200, trust: trusts(user("jo")), policy: [may(role("ChainB", partner))] },
    {
      name: "Instance",
      trust: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: assume }],
      policy: [may("*")],
    },
    {
      name: "Task",
      trust: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: assume }],
      policy: [may("*")],
    },
  ],
};

const productionAccount: Account = {
  id: production,
  roles: [
    { name: "Admin", maxSessionDuration: 43_200, trust: trusts(main), policy: [may("*")] },
    { name: "OneHour", trust: trusts(main) },
    {
      name: "MfaRequired",
      maxSessionDuration: 43_200,
      trust: trusts(main, { Bool: { "aws:MultiFactorAuthPresent": true } }),
    },
    { name: "FreshMfa", trust: trusts(main, { NumericLessThan: { "aws:MultiFactorAuthAge": 900 } }) },
    { name: "ExternalIdRequired", trust: trusts(main, { StringEquals: { "sts:ExternalId": "ticket-42" } }) },
    { name: "SourceIdentityRequired", trust: trusts(main, { StringLike: { "sts:SourceIdentity": "*" } }) },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable
    { name: "SessionNamed", trust: trusts(main, { StringEquals: { "sts:RoleSessionName": "${aws:username}" } }) },
    { name: "TagRequired", trust: trusts(main, { StringEquals: { "aws:RequestTag/project": "apollo" } }) },
    { name: "NoTags", trust: trusts(main, undefined, [assume]) },
    { name: "DeniedByTrust", trust: trusts(user("nobody")) },
    { name: "DeniedByIdentity", trust: trusts(main) },
    { name: "Deployer", path: "/ops/ci/", trust: trusts(main) },
    { name: "WebIdentity", maxSessionDuration: 43_200, trust: [trustsPods()], policy: [may("*")] },
    { name: "Saml", maxSessionDuration: 43_200, trust: [trustsStaff()], policy: [may("*")] },
    ...identityCenterRoles(["ReadOnly", "PowerUser"]),
  ],
  oidcProviders: [{ issuer: "https://oidc.sandbox.example/id/1", clientIds: ["sts.amazonaws.com"] }],
  samlProviders: [{ name: "Staff", issuer: "https://idp.sandbox.example/saml" }],
};

function trustsPods(): Statement {
  const issuer = "oidc.sandbox.example/id/1";
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${production}:oidc-provider/${issuer}` },
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {
      StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com" },
      StringLike: { [`${issuer}:sub`]: "system:serviceaccount:apps:*" },
    },
  };
}

function trustsStaff(): Statement {
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${production}:saml-provider/Staff` },
    Action: ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
    Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
  };
}

function identityCenterRoles(names: readonly string[]): Role[] {
  return names.map((name) => ({
    name: `AWSReservedSSO_${name}_0123456789abcdef`,
    path: "/aws-reserved/sso.amazonaws.com/eu-west-1/",
    maxSessionDuration: 43_200,
    trust: [{ Effect: "Allow", Principal: { Service: "sso.amazonaws.com" }, Action: assume }],
    policy: [may("*")],
  }));
}

const partnerAccount: Account = {
  id: partner,
  roles: [
    {
      name: "ChainB",
      maxSessionDuration: 43_200,
      trust: trusts(role("ChainA", main)),
      policy: [may(role("ChainC", vault))],
    },
  ],
};

const vaultAccount: Account = {
  id: vault,
  roles: [{ name: "ChainC", maxSessionDuration: 43_200, trust: trusts(role("ChainB", partner)) }],
};

/** A thousand accounts of an organization, each with the role that an auditor assumes. */
const organization: Account[] = Array.from({ length: 1000 }, (_, i) => ({
  id: String(100_000_000_000 + i),
  roles: [{ name: "Audit", trust: trusts(main) }],
}));

const chinaAccount: Account = {
  id: "444444444444",
  partition: "aws-cn",
  users: [{ name: "wei", keys: [active(keysOf.wei)], policy: [may("*")] }],
  roles: [{ name: "Admin", maxSessionDuration: 43_200, trust: trusts("444444444444") }],
};

const govCloudAccount: Account = {
  id: "555555555555",
  partition: "aws-us-gov",
  users: [{ name: "sam", keys: [active(keysOf.sam)], policy: [may("*")] }],
  roles: [{ name: "Admin", maxSessionDuration: 43_200, trust: trusts("555555555555") }],
};

export const defaultWorld: World = {
  accounts: [
    ...[mainAccount, productionAccount, partnerAccount, vaultAccount, chinaAccount, govCloudAccount],
    ...organization,
  ],
  sessions: [{ ...keysOf.expired, expiration: "2020-01-01T00:00:00Z", userArn: user("jo") }],
  compute: {
    instanceRoleArn: role("Instance", main),
    instanceId: "i-0123456789abcdef0",
    region: "eu-west-1",
    containerRoleArn: role("Task", main),
    containerToken: "container-token-EXAMPLE",
  },
  identityCenter: {
    region: "eu-west-1",
    startUrl: "https://sandbox.awsapps.com/start",
    assignments: { [production]: ["ReadOnly", "PowerUser"] },
    accountNames: { [production]: "Production" },
  },
};

/** The default world, in which each user is changed. */
export function worldWithUsers(change: (user: User) => User): World {
  const accounts = defaultWorld.accounts.map((account) => ({ ...account, users: (account.users ?? []).map(change) }));
  return { ...defaultWorld, accounts };
}
