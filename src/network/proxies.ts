import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

export interface ProxyServer {
  /** Without user name and password. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`: a secret. */
  readonly authorization?: string;
}

/** Which requests go through which proxy. */
export interface Proxies {
  readonly http?: ProxyServer;
  readonly https?: ProxyServer;
  readonly noProxy: readonly string[];
}

/**
 * The proxies that the environment names, by botocore's rules: `https_proxy`, `http_proxy` and `no_proxy` in any case, of
 * which the lower case one counts first, even when it is empty; a proxy without a scheme is an http one. `all_proxy`,
 * which botocore lacks and .NET and curl know, comes last.
 * @throws RoleError `ProxyInvalid`
 */
export function readProxies(environment: Environment): Proxies {
  const variables = proxyVariables(environment);
  const proxyOf = (scheme: string) => {
    const found = variables.get(`${scheme}_proxy`) ?? variables.get("all_proxy");
    return found && parseProxy(found);
  };
  const http = proxyOf("http");
  const https = proxyOf("https");
  const noProxy = (variables.get("no_proxy")?.value ?? "").toLowerCase().split(/[\s,]+/);
  return { ...(http && { http }), ...(https && { https }), noProxy: noProxy.filter((entry) => entry !== "") };
}

/**
 * The proxy for one request, if any. An entry of `no_proxy` names a host with all below it, may begin with `.` or `*.`,
 * and may end in a port; `*` is every host.
 * @param host a name or an address, this without brackets
 */
export function proxyFor(
  proxies: Proxies,
  scheme: "http" | "https",
  host: string,
  port: number,
): ProxyServer | undefined {
  const proxy = proxies[scheme];
  if (!proxy) return undefined;
  const name = host.toLowerCase().replace(/\.$/, "");
  return proxies.noProxy.some((entry) => matches(entry, name, port)) ? undefined : proxy;
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  // An address of IPv6 has a port only after brackets.
  const [, bracketed, bare = entry, entryPort] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? ([] as (string | undefined)[]);
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  if (bracketed !== undefined) return name === bracketed;
  const suffix = bare.replace(/^\*?\.+/, "");
  return suffix !== "" && (name === suffix || name.endsWith(`.${suffix}`));
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function proxyVariables(environment: Environment): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const [name, value] of Object.entries(environment)) {
    if (value && /_proxy$/i.test(name)) variables.set(name.toLowerCase(), { name, value });
  }
  for (const name of ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]) {
    const value = environment[name];
    if (value) variables.set(name, { name, value });
    else if (value === "") variables.delete(name);
  }
  return variables;
}

/** The URL is never shown in the error: its password may be what broke it. */
function parseProxy({ name, value }: Variable): ProxyServer {
  const text = value.trim();
  const withScheme = text.includes("://") ? text : `http://${text.replace(/^\/\//, "")}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  // A password with # ? or / that wasn't escaped ends the host early, and would pass for a port.
  const misread = url && /[#?]|@/.test(url.pathname + url.search + url.hash);
  if (!url?.hostname || misread || !/^https?:$/.test(url.protocol)) {
    throw new RoleError("ProxyInvalid", `${name} is not the URL of an http or https proxy.`, {
      target: name,
      action: `Set ${name} to http://HOST:PORT; in a user name or password write @ : / # % as %40 %3A %2F %23 %25.`,
    });
  }
  const bare = new URL(`${url.protocol}//${url.host}`);
  if (!url.username && !url.password) return { url: bare };
  const pair = `${decoded(url.username)}:${decoded(url.password)}`;
  return { url: bare, authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** A lone `%` stands for itself, as in Python. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}
