import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

export interface ProxyServer {
  /** Without user name and password. */
  readonly url: URL;
  /** The value of `Proxy-Authorization` for an http or https proxy. Secret. */
  readonly authorization?: string;
  /** Credentials for a SOCKS proxy. Secret. */
  readonly login?: { readonly userName: string; readonly password: string };
}

/** A proxy's URL as configured; it is parsed when a request first uses it. */
interface NamedProxy {
  /** The variable's name, or `system` for the operating system's proxy. */
  readonly name: string;
  readonly value: string;
}

/** The configured proxies, and the hosts that bypass them. */
export interface Proxies {
  readonly http?: NamedProxy;
  readonly https?: NamedProxy;
  readonly noProxy: readonly string[];
}

/**
 * Reads the proxies from the environment by botocore's rules: `https_proxy`, `http_proxy` and `no_proxy` in any case. The
 * lower-case variable wins, even when empty, and a proxy without a scheme is an http proxy. `all_proxy`, which .NET and
 * curl support and botocore does not, comes next.
 */
export function readProxies(environment: Environment): Proxies {
  const variables = proxyVariables(environment);
  const http = variables.get("http_proxy") ?? variables.get("all_proxy");
  const https = variables.get("https_proxy") ?? variables.get("all_proxy");
  const noProxy = (variables.get("no_proxy")?.value ?? "").split(/[\s,]+/);
  return {
    ...(http && { http }),
    ...(https && { https }),
    noProxy: noProxy.map((entry) => entry.toLowerCase()).filter((entry) => entry !== ""),
  };
}

/** The proxies for requests to a URL. If the environment names none, the operating system's proxy for that URL applies. */
export async function findProxies(
  url: Pick<URL, "protocol" | "hostname" | "port">,
  { environment, findSystemProxy }: Pick<Context, "environment" | "findSystemProxy">,
): Promise<Proxies> {
  const proxies = readProxies(environment);
  // An empty variable disables the proxy.
  const isNamed = Object.keys(environment).some((name) => proxyNames.includes(name.toLowerCase()));
  const { host, port } = destinationOf(url);
  if (isNamed || !findSystemProxy || matchesAny(proxies.noProxy, host, port)) return proxies;
  const value = await findSystemProxy(`${url.protocol}//${url.hostname}${url.port ? `:${url.port}` : ""}/`);
  if (!value) return proxies;
  const system = { name: "system", value };
  return { ...proxies, http: system, https: system };
}

const proxyNames = ["http_proxy", "https_proxy", "all_proxy"];

/** Where a connection goes. */
export interface Destination {
  readonly scheme: "http" | "https";
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

export function destinationOf({ protocol, hostname, port }: Pick<URL, "protocol" | "hostname" | "port">): Destination {
  const scheme = protocol === "https:" ? "https" : "http";
  return { scheme, host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (scheme === "https" ? 443 : 80) };
}

/**
 * The proxy for one request, if any. An entry of `no_proxy` matches a host and its subdomains, may begin with `.` or `*.`,
 * and may end in a port; `*` matches every host.
 * @throws RoleError `ProxyInvalid`
 */
export function proxyFor(proxies: Proxies, { scheme, host, port }: Destination): ProxyServer | undefined {
  const proxy = proxies[scheme];
  if (!proxy) return undefined;
  return matchesAny(proxies.noProxy, host, port) ? undefined : parseProxy(proxy);
}

function matchesAny(noProxy: readonly string[], host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return noProxy.some((entry) => matches(entry, name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  // An IPv6 address with a port has brackets.
  const [, bracketed, bare = entry, entryPort] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? ([] as (string | undefined)[]);
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  if (bracketed !== undefined) return name === bracketed;
  const suffix = bare.replace(/^\*?\.+/, "");
  return suffix !== "" && (name === suffix || name.endsWith(`.${suffix}`));
}

function proxyVariables(environment: Environment): Map<string, NamedProxy> {
  const variables = new Map<string, NamedProxy>();
  for (const [name, value] of Object.entries(environment)) {
    if (value && /_proxy$/i.test(name)) variables.set(name.toLowerCase(), { name, value });
  }
  for (const name of [...proxyNames, "no_proxy"]) {
    const value = environment[name];
    if (value) variables.set(name, { name, value });
    else if (value === "") variables.delete(name);
  }
  return variables;
}

/** The error never shows the URL: the password itself may be what makes it invalid. */
function parseProxy({ name, value }: NamedProxy): ProxyServer {
  const text = value.trim();
  const withScheme = text.includes("://") ? text : `http://${text.replace(/^\/\//, "")}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  // An unescaped # ? or / in a password ends the host early, and the rest can look like a port.
  const misread = url && /[#?]|@/.test(url.pathname + url.search + url.hash);
  if (!url?.hostname || misread || !/^(?:https?|socks(?:4a?|5h?)?):$/.test(url.protocol)) {
    throw new RoleError(
      "ProxyInvalid",
      `${name === "system" ? "The system's proxy" : name} is not the URL of an http, https or SOCKS proxy.`,
      {
        target: name,
        action: `Set ${name === "system" ? "the system's proxy" : name} to http://HOST:PORT or socks5://HOST:PORT; in a user name or password write @ : / # % as %40 %3A %2F %23 %25.`,
      },
    );
  }
  const bare = new URL(`${url.protocol}//${url.host}`);
  if (!url.username && !url.password) return { url: bare };
  const [userName, password] = [decoded(url.username), decoded(url.password)];
  if (isSocks({ url })) return { url: bare, login: { userName, password } };
  return { url: bare, authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString("base64")}` };
}

export function isSocks({ url }: Pick<ProxyServer, "url">): boolean {
  return url.protocol.startsWith("socks");
}

/** Decodes percent escapes and keeps a lone `%`, as Python does. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}
