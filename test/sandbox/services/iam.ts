import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Call } from "../http/recorder.ts";
import type { Answer } from "../http/send.ts";
import type { Service, WireRequest } from "../http/server.ts";
import { authorizeOnSelf } from "../iam/authorization.ts";
import { base32, type Directory } from "../iam/directory.ts";
import type { Principal } from "../iam/principal.ts";
import type { AccessKey } from "../iam/world-types.ts";
import type { Verify } from "../sigv4/verify.ts";
import { type XmlTree, xmlAnswer, xmlError } from "../sts/xml.ts";

interface Request {
  readonly form: ReadonlyMap<string, string>;
  readonly principal: Principal;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly started: string;
}

const actions: Readonly<Record<string, (request: Request) => XmlTree | undefined>> = {
  CreateAccessKey: createAccessKey,
  DeleteAccessKey: deleteAccessKey,
  GetAccessKeyLastUsed: getAccessKeyLastUsed,
  ListAccessKeys: listAccessKeys,
};

const version = "2010-05-08";
const namespace = "https://iam.amazonaws.com/doc/2010-05-08/";

/** IAM, as far as users manage their own access keys, over the query protocol. */
export function createIam(about: {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly verify: Verify;
}): Service {
  const started = new Date(about.clock.now()).toISOString();
  return {
    name: "iam",
    describe: (request) => {
      const form = readForm(request);
      return { action: form.get("Action") ?? "", parameters: Object.fromEntries(form) };
    },
    answer(request, call: Call): Answer {
      const form = readForm(request);
      const act = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
      if (!act || form.get("Version") !== version)
        throw new AwsError("InvalidAction", 400, `Could not find operation ${call.action}`);
      const { principal, region, accessKeyId } = about.verify(request);
      Object.assign(call, { principal: principal.arn, region, accessKeyId });
      if (principal.kind !== "user") throw new AwsError("ValidationError", 400, "Must specify userName");
      authorizeOnSelf(principal, `iam:${call.action}`, new Map());
      const result = act({ form, principal, started, ...about });
      return xmlAnswer(call.action, result, namespace);
    },
    refuse: (error) => xmlError(error, namespace),
  };
}

function createAccessKey({ principal, directory, clock }: Request): XmlTree {
  if (directory.keysOf(principal).length >= 2)
    throw new AwsError("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2");
  const created = new Date(clock.now()).toISOString();
  const key: AccessKey = { id: `AKIA${base32(randomBytes(10))}`, secret: randomBytes(30).toString("base64"), created };
  directory.addKey(principal, key);
  return {
    AccessKey: {
      UserName: nameOf(principal),
      AccessKeyId: key.id,
      Status: "Active",
      SecretAccessKey: key.secret,
      CreateDate: created,
    },
  };
}

function deleteAccessKey({ form, principal, directory }: Request): undefined {
  const id = form.get("AccessKeyId") ?? "";
  if (!directory.keysOf(principal).some((key) => key.id === id))
    throw new AwsError("NoSuchEntity", 404, `The Access Key with id ${id} cannot be found.`);
  directory.removeKey(id);
  return undefined;
}

function listAccessKeys({ principal, directory, started }: Request): XmlTree {
  const keys = directory.keysOf(principal).map(({ id, status = "Active", created = started }) => ({
    UserName: nameOf(principal),
    AccessKeyId: id,
    Status: status,
    CreateDate: created,
  }));
  return { AccessKeyMetadata: keys, IsTruncated: "false" };
}

function getAccessKeyLastUsed({ principal }: Request): XmlTree {
  return { UserName: nameOf(principal), AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" } };
}

function nameOf({ user }: Principal): string {
  return user?.name ?? "";
}

function readForm(request: WireRequest): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(request.body.toString("utf8")));
}
