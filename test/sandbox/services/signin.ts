import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";
import type { Service, WireRequest } from "../http/server.ts";
import { type Principal, partitionOf } from "../iam/principal.ts";
import type { Session, SessionStore } from "../iam/sessions.ts";
import { json, queryOf, text } from "./answers.ts";
import { describeOauth, type SigninOauth } from "./signin-oauth.ts";

const consoleHosts: Readonly<Record<string, string>> = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

interface SigninToken {
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly expiration: number;
}

/** AWS sign-in: the federation endpoint exchanges credentials for a token that opens the console; the rest is in signin-oauth.ts. */
export function createSignin(sessions: SessionStore, clock: Clock, oauth: SigninOauth): Service {
  const tokens = new Map<string, SigninToken>();
  return {
    name: "signin",
    describe: (request) => {
      const described = describeOauth(request);
      if (described) return described;
      const parameters = parametersOf(request);
      return { action: parameters.Action ?? `${request.method} ${request.path}`, parameters };
    },
    answer: (request, call) => {
      const authorized = oauth.answer(request);
      if (authorized) {
        if (authorized.principal !== undefined) Object.assign(call, { principal: authorized.principal });
        return authorized.answer;
      }
      const parameters = parametersOf(request);
      if (request.path !== "/federation") throw new AwsError("NotFound", 404, "Not Found");
      if (parameters.Action === "getSigninToken") {
        const session = readSession(parameters.Session, sessions, clock);
        Object.assign(call, { principal: session.principal.arn, accessKeyId: session.accessKeyId });
        checkDuration(parameters.SessionDuration, session.principal);
        const token = randomBytes(300).toString("base64url");
        tokens.set(token, { principal: session.principal, expiration: clock.now() + 15 * 60_000 });
        return json(200, { SigninToken: token });
      }
      if (parameters.Action === "login") return login(parameters, tokens, clock);
      throw badRequest("Invalid Action");
    },
    // OAuth's errors are written in capitals.
    refuse: ({ status, code, message }) =>
      /^[A-Z_]+$/.test(code) ? json(status, { error: code, message }) : text(status, message),
  };
}

function parametersOf(request: WireRequest): Record<string, string> {
  return { ...queryOf(request.query), ...(request.method === "POST" && queryOf(request.body.toString("utf8"))) };
}

function readSession(text: string | undefined, sessions: SessionStore, clock: Clock): Session {
  let given: Record<string, unknown>;
  try {
    given = Object(JSON.parse(text ?? "")) as Record<string, unknown>;
  } catch {
    throw badRequest("Invalid Session");
  }
  const session = sessions.find(String(given.sessionId));
  const matches = session?.secretAccessKey === given.sessionKey && session?.sessionToken === given.sessionToken;
  if (!session || !matches || session.expiration <= clock.now()) throw badRequest("Invalid or expired credentials");
  // A user's session (GetSessionToken) cannot open the console
  if (session.principal.kind !== "assumed-role") throw badRequest("The credentials must come from AssumeRole");
  return session;
}

function checkDuration(given: string | undefined, principal: Principal): void {
  if (given === undefined) return;
  const seconds = Number(given);
  if (!/^\d+$/.test(given) || seconds < 900 || seconds > 43_200) throw badRequest("Invalid SessionDuration");
  if (principal.chained && seconds > 3600) throw badRequest("SessionDuration exceeds an hour for a chained role");
}

function login(parameters: Record<string, string>, tokens: Map<string, SigninToken>, clock: Clock): Answer {
  const token = tokens.get(parameters.SigninToken ?? "");
  if (!token || token.expiration <= clock.now()) throw badRequest("Invalid or expired SigninToken");
  const host = consoleHosts[partitionOf(token.principal.account)];
  const destination = URL.canParse(parameters.Destination ?? "") ? new URL(parameters.Destination ?? "") : undefined;
  const isConsole = destination?.hostname === host || destination?.hostname.endsWith(`.${host}`);
  if (destination?.protocol !== "https:" || !isConsole) throw badRequest("Invalid Destination");
  return text(302, "", { Location: destination.href, "Set-Cookie": "aws-creds=sandbox; Secure; HttpOnly" });
}

function badRequest(message: string): AwsError {
  return new AwsError("BadRequest", 400, message);
}
