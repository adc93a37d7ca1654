import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configuredUrl, type UrlSources } from "../../src/network/configured-url.ts";
import { resolveEndpoint } from "../../src/network/endpoint.ts";
import { type Setting, type Settings, settingKeys } from "../../src/profiles/settings.ts";
import { errorOf } from "../credentials/fixtures.ts";

type Section = Record<string, string>;
interface Suite {
  profiles: Record<string, Section>;
  services: Record<string, Record<string, Section>>;
  client_configs: Record<string, { endpoint_url?: string; ignore_configured_endpoint_urls?: boolean }>;
  environments: Record<string, Section>;
  endpointUrlTests: {
    name: string;
    profile: string;
    client_config: string;
    environment: string;
    service: string;
    output: { endpointUrl: string };
  }[];
}

const casesFile = new URL("../../../shared/conformance/botocore/endpoint-url-tests.json", import.meta.url);
const suites: Suite[] = existsSync(casesFile) ? JSON.parse(readFileSync(casesFile, "utf8")).testSuites : [];
const [suite] = suites;

function settingsOf(section: Section = {}): Settings {
  const ours = Object.entries(settingKeys) as [Setting, string][];
  return Object.fromEntries(ours.filter(([, key]) => key in section).map(([setting, key]) => [setting, section[key]]));
}

describe.skipIf(!suite)("botocore's cases (skipped without ../shared/conformance)", () => {
  it("all exist", () => {
    expect(suite?.endpointUrlTests).toHaveLength(39);
  });

  it.each((suite?.endpointUrlTests ?? []).map((one) => [`${one.name} (${one.environment})`, one] as const))(
    "%s",
    (_name, { profile, client_config, environment, service, output }) => {
      const client = suite?.client_configs[client_config];
      const settings = settingsOf(suite?.profiles[profile]);
      const { url } = resolveEndpoint(service, {
        explicitUrl: client?.endpoint_url,
        settings: {
          ...settings,
          ...(client?.ignore_configured_endpoint_urls && { ignoreConfiguredEndpointUrls: "true" }),
        },
        environment: suite?.environments[environment] ?? {},
        region: settings.region ?? "",
        shared: {
          services: (name) =>
            new Map(Object.entries(suite?.services[name] ?? {}).map(([id, section]) => [id, settingsOf(section)])),
        },
      });
      expect(url.href).toBe(new URL(output.endpointUrl).href);
    },
  );
});

const find = (service: string, sources: Partial<UrlSources>) =>
  configuredUrl(service, { settings: {}, environment: {}, shared: { services: () => undefined }, ...sources });

describe(configuredUrl, () => {
  it("uses an underscore for the hyphen in a service name", () => {
    const environment = { AWS_ENDPOINT_URL_SSO_OIDC: "https://a.test", AWS_ENDPOINT_URL_SSO: "https://b.test" };
    expect(find("sso-oidc", { environment })?.url.host).toBe("a.test");
    const services = new Map([["sso_oidc", { endpointUrl: "https://c.test" }]]);
    expect(find("sso-oidc", { settings: { services: "x" }, shared: { services: () => services } })?.url.host).toBe(
      "c.test",
    );
  });

  it("treats an empty variable or setting as unset", () => {
    expect(find("sts", { environment: { AWS_ENDPOINT_URL: "" }, settings: { endpointUrl: "" } })).toBeUndefined();
  });

  it("keeps the port and path", () => {
    expect(find("sts", { explicitUrl: "http://localhost:4566/aws/sts" })?.url.href).toBe(
      "http://localhost:4566/aws/sts",
    );
    expect(find("sts", { explicitUrl: "http://[::1]:4566" })?.url.host).toBe("[::1]:4566");
  });

  it("refuses a missing services section, but only where it would apply", () => {
    const settings = { services: "gone" };
    expect(() => find("sts", { settings })).toThrow(expect.objectContaining({ code: "EndpointInvalid" }));
    expect(find("sts", { settings, environment: { AWS_ENDPOINT_URL: "https://a.test" } })?.url.host).toBe("a.test");
    expect(find("sts", { settings: { ...settings, ignoreConfiguredEndpointUrls: "TRUE" } })).toBeUndefined();
  });

  it("prefers the environment's ignore switch over the profile's", () => {
    const settings = { endpointUrl: "https://a.test", ignoreConfiguredEndpointUrls: "true" };
    const environment = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" };
    expect(find("sts", { settings, environment })?.url.host).toBe("a.test");
    expect(find("sts", { settings })).toBeUndefined();
  });

  it("refuses an invalid switch value", () => {
    const error = expect.objectContaining({ code: "SettingInvalid" });
    expect(() => find("sts", { settings: { ignoreConfiguredEndpointUrls: "yes" } })).toThrow(error);
  });

  const secret = "hunter2";
  it.each([
    "",
    "localhost:4566",
    "sts.amazonaws.com",
    "ftp://sts.test",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https:sts.test",
    "https:/sts.test",
    "https://",
    "https:///path",
    "https://@sts.test",
    "https://:@sts.test",
    `https://me:${secret}@sts.test`,
    `https://${secret}@sts.test`,
    `https://sts.test@${secret}.test/`,
    "https://sts.test#",
    `https://sts.test/#${secret}`,
    `https://sts.test/?key=${secret}`,
    "https://sts.test?",
    "https://sts.test:99999",
    "https://sts test",
    "https://sts.test\\@evil.test",
    "https://sts.te\nst",
    "https://sts.test\r\nHost: evil",
    "\u00a0https://sts.test",
    "https://sts.test\u0000",
    "https://[::1",
    "https://a..b%00",
  ])("refuses %j without repeating it in the error", async (explicitUrl) => {
    const error = await errorOf(() => find("sts", { explicitUrl }));
    expect(error).toMatchObject({ code: "EndpointInvalid", details: { target: "-EndpointUrl" } });
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(secret);
  });

  it.each([
    ["AWS_ENDPOINT_URL_STS", { environment: { AWS_ENDPOINT_URL_STS: "x" } }],
    ["AWS_ENDPOINT_URL", { environment: { AWS_ENDPOINT_URL: "x" } }],
    ["endpoint_url", { settings: { endpointUrl: "x" } }],
  ])("names %s as the source of an invalid URL", async (target, sources) => {
    expect(await errorOf(() => find("sts", sources))).toMatchObject({ code: "EndpointInvalid", details: { target } });
  });
});
