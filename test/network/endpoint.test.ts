import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type EndpointSources, resolveEndpoint } from "../../src/network/endpoint.ts";
import { partitions } from "../../src/network/partitions.ts";
import { regionNames } from "../../src/network/region-names.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { randomChoices, seed } from "../stress/amount.ts";

const endpointOf = (service: string, region: string, sources: Partial<EndpointSources> = {}) =>
  resolveEndpoint(service, {
    settings: {},
    environment: {},
    shared: { services: () => undefined },
    region,
    ...sources,
  });

const resolve = (...asked: Parameters<typeof endpointOf>) => {
  const { url, signingRegion } = endpointOf(...asked);
  return `${url.origin} ${signingRegion}`;
};

const suffixes = partitions.flatMap(({ dnsSuffix, dualStackDnsSuffix }) => [dnsSuffix, dualStackDnsSuffix]);
const domains = [...suffixes, "signin.aws.amazon.com", "signin.amazonaws.cn", "signin.amazonaws-us-gov.com"];
const ofAws = new RegExp(`^(?:[a-z0-9-]+\\.){1,3}(?:${domains.map((one) => one.replaceAll(".", "\\.")).join("|")})$`);

const fips = { useFipsEndpoint: "true" };
const dualStack = { useDualstackEndpoint: "true" };
const legacy = { stsRegionalEndpoints: "legacy" };

describe(resolveEndpoint, () => {
  it.each([
    ["sts", "eu-west-1", {}, "https://sts.eu-west-1.amazonaws.com eu-west-1"],
    ["sts", "us-east-1", {}, "https://sts.us-east-1.amazonaws.com us-east-1"],
    ["sts", "EU-WEST-1", {}, "https://sts.eu-west-1.amazonaws.com eu-west-1"],
    ["sts", "cn-north-1", {}, "https://sts.cn-north-1.amazonaws.com.cn cn-north-1"],
    ["sts", "us-gov-west-1", {}, "https://sts.us-gov-west-1.amazonaws.com us-gov-west-1"],
    ["sts", "eusc-de-east-1", {}, "https://sts.eusc-de-east-1.amazonaws.eu eusc-de-east-1"],
    ["sts", "us-iso-east-1", {}, "https://sts.us-iso-east-1.c2s.ic.gov us-iso-east-1"],
    ["sts", "us-isob-east-1", {}, "https://sts.us-isob-east-1.sc2s.sgov.gov us-isob-east-1"],
    ["sts", "us-east-1", fips, "https://sts-fips.us-east-1.amazonaws.com us-east-1"],
    ["sts", "us-gov-west-1", fips, "https://sts.us-gov-west-1.amazonaws.com us-gov-west-1"],
    ["sts", "eu-west-1", dualStack, "https://sts.eu-west-1.api.aws eu-west-1"],
    ["sts", "us-gov-west-1", { ...fips, ...dualStack }, "https://sts-fips.us-gov-west-1.api.aws us-gov-west-1"],
    ["sts", "eu-west-1", legacy, "https://sts.amazonaws.com us-east-1"],
    ["sts", "eu-west-1", { stsRegionalEndpoints: "regional" }, "https://sts.eu-west-1.amazonaws.com eu-west-1"],
    ["sts", "eu-south-1", legacy, "https://sts.eu-south-1.amazonaws.com eu-south-1"],
    ["sts", "cn-north-1", legacy, "https://sts.cn-north-1.amazonaws.com.cn cn-north-1"],
    ["sts", "eu-west-1", { ...legacy, ...fips }, "https://sts-fips.eu-west-1.amazonaws.com eu-west-1"],
    ["sts", "fips-us-east-1", {}, "https://sts-fips.us-east-1.amazonaws.com us-east-1"],
    ["sts", "us-west-2-fips", dualStack, "https://sts-fips.us-west-2.api.aws us-west-2"],
    ["sts", "fips-us-gov-west-1", {}, "https://sts.us-gov-west-1.amazonaws.com us-gov-west-1"],
    ["sts", "eu-west-1", { ...legacy, ...dualStack }, "https://sts.eu-west-1.api.aws eu-west-1"],
    ["sts", "aws-global", {}, "https://sts.amazonaws.com us-east-1"],
    // Here botocore builds a host that does not exist.
    ["sts", "aws-cn-global", {}, "https://sts.cn-north-1.amazonaws.com.cn cn-north-1"],
    ["sts", "aws-global", fips, "https://sts-fips.us-east-1.amazonaws.com us-east-1"],
    ["sso", "eu-west-1", legacy, "https://portal.sso.eu-west-1.amazonaws.com eu-west-1"],
    ["sso", "us-gov-west-1", fips, "https://portal.sso.us-gov-west-1.amazonaws.com us-gov-west-1"],
    ["sso-oidc", "eu-west-1", {}, "https://oidc.eu-west-1.amazonaws.com eu-west-1"],
    ["sso-oidc", "eu-west-1", fips, "https://oidc-fips.eu-west-1.amazonaws.com eu-west-1"],
    ["signin", "eu-west-1", {}, "https://eu-west-1.signin.aws.amazon.com eu-west-1"],
    ["signin", "cn-north-1", {}, "https://cn-north-1.signin.amazonaws.cn cn-north-1"],
    ["signin", "us-gov-west-1", fips, "https://signin-fips.us-gov-west-1.amazonaws.com us-gov-west-1"],
  ] as const)("sends %s in %s with %j to %s", (service, region, settings, expected) => {
    expect(resolve(service, region, { settings })).toBe(expected);
  });

  it("prefers the environment's switches over the profile's", () => {
    const dual = { AWS_USE_FIPS_ENDPOINT: "false", AWS_USE_DUALSTACK_ENDPOINT: "TRUE" };
    const regional = { AWS_STS_REGIONAL_ENDPOINTS: "regional" };
    const inIreland = (sources: Partial<EndpointSources>) => resolve("sts", "eu-west-1", sources);
    expect(inIreland({ settings: fips, environment: dual })).toBe("https://sts.eu-west-1.api.aws eu-west-1");
    expect(inIreland({ settings: legacy, environment: regional })).toBe(
      "https://sts.eu-west-1.amazonaws.com eu-west-1",
    );
  });

  it("signs for the requested region at a custom endpoint", () => {
    const custom = { explicitUrl: "http://localhost:4566" };
    expect(resolve("sts", "eu-west-1", custom)).toBe("http://localhost:4566 eu-west-1");
    expect(resolve("sts", "aws-global", custom)).toBe("http://localhost:4566 us-east-1");
    expect(resolve("sts", "eu-west-1", { ...custom, settings: legacy })).toBe("http://localhost:4566 eu-west-1");
  });

  it.each([
    ["FIPS", { settings: { ...fips, endpointUrl: "https://a.test" } }],
    ["dual stack", { settings: dualStack, environment: { AWS_ENDPOINT_URL: "https://a.test" } }],
    ["both", { settings: { ...fips, ...dualStack }, explicitUrl: "https://a.test" }],
  ])("prefers an endpoint URL over %s, as the AWS CLI does", (_name, sources) => {
    expect(resolve("sts", "eu-west-1", sources)).toBe("https://a.test eu-west-1");
  });

  it.each([
    ["use_fips_endpoint", { useFipsEndpoint: "yes" }],
    ["use_dualstack_endpoint", { useDualstackEndpoint: "1" }],
    ["sts_regional_endpoints", { stsRegionalEndpoints: "global" }],
  ])("refuses an invalid value of %s", (target, settings) => {
    expect(() => resolve("sts", "eu-west-1", { settings })).toThrow(
      expect.objectContaining({ code: "SettingInvalid", details: expect.objectContaining({ target }) }),
    );
  });

  it(`turns any input into an AWS host or an error (seed ${seed})`, () => {
    const { below, pick } = randomChoices();
    const pieces = [
      ..."abcdefus-eu0123456789.:/@#?\\%[]_ \t\r\n\0",
      ...["。", "．", "｡", "ⓤ", "ß", "ı", "\u00ad", "\u200b", "\u202e", "𝟏", "e\u0301"],
      ...[
        "xn--",
        "amazonaws.com",
        "evil.com",
        "cn-north-1",
        "us-gov-",
        "us-iso-",
        "eusc-de-",
        "localhost",
        "aws-global",
      ],
    ];
    let accepted = 0;
    for (let count = 0; count < 20_000; count++) {
      const region = Array.from({ length: 1 + below(8) }, () => pick(pieces)).join("");
      const settings = pick([{}, { useFipsEndpoint: "true" }, { useDualstackEndpoint: "true" }]);
      const service = pick(["sts", "sso", "sso-oidc", "signin"]);
      try {
        const { url } = endpointOf(service, region, { settings });
        expect([url.protocol, url.port, url.username, url.pathname, url.search]).toEqual(["https:", "", "", "/", ""]);
        // AWS's own names in all partitions, with the region as one label.
        expect([region, url.hostname]).toEqual([region, expect.stringMatching(ofAws)]);
        accepted++;
      } catch (error) {
        if (!(error instanceof RoleError)) throw error;
        expect([region, error.code]).toEqual([region, "RegionInvalid"]);
      }
    }
    expect(accepted).toBeGreaterThan(1000);
  });
});

// Evaluates botocore's rule sets directly, which the AWS CLI uses to resolve real requests.
const botocoreScript = `
import gzip, json, os, sys, botocore
from botocore.endpoint_provider import EndpointProvider
data = os.path.join(os.path.dirname(botocore.__file__), "data")
def load(path):
    path = os.path.join(data, path)
    return json.load(open(path) if os.path.exists(path) else gzip.open(path + ".gz"))
partitions, regions, result = load("partitions.json"), json.load(sys.stdin), {}
for service, version in ("sts", "2011-06-15"), ("sso", "2019-06-10"), ("sso-oidc", "2019-06-10"), ("signin", "2023-01-01"):
    if not os.path.isdir(os.path.join(data, service)): continue
    provider = EndpointProvider(load(f"{service}/{version}/endpoint-rule-set-1.json"), partitions)
    for region in regions:
        for fips in (False, True):
            for dual in (False, True):
                for legacy in (False, True) if service == "sts" else (False,):
                    given = dict(Region=region, UseFIPS=fips, UseDualStack=dual)
                    if service == "sts": given["UseGlobalEndpoint"] = legacy
                    endpoint = provider.resolve_endpoint(**given)
                    scheme = (endpoint.properties.get("authSchemes") or [{}])[0]
                    result[f"{service} {region} {fips:d}{dual:d}{legacy:d}"] = [endpoint.url, scheme.get("signingRegion", region)]
print(json.dumps(result))
`;

const hasBotocore = spawnSync("python3", ["-c", "import botocore"]).status === 0;

describe.skipIf(!hasBotocore)("botocore (skipped without python3 and botocore)", () => {
  it("resolves every service, region and variant to the same endpoint", () => {
    const regions = [...partitions.flatMap(({ name }) => Object.keys(regionNames[name] ?? {})), "fake-region-10"];
    const { status, stdout } = spawnSync("python3", ["-c", botocoreScript], {
      input: JSON.stringify(regions),
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    expect(status).toBe(0);
    const theirs: Record<string, [string, string]> = JSON.parse(stdout);
    const ours: typeof theirs = {};
    for (const name of Object.keys(theirs)) {
      const [service = "", region = "", variant = ""] = name.split(" ");
      const settings = {
        useFipsEndpoint: String(variant[0] === "1"),
        useDualstackEndpoint: String(variant[1] === "1"),
        stsRegionalEndpoints: variant[2] === "1" ? "legacy" : "regional",
      };
      const { url, signingRegion } = endpointOf(service, region, { settings });
      ours[name] = [url.origin, signingRegion];
    }
    expect(Object.keys(theirs).length).toBeGreaterThan(500);
    expect(ours).toEqual(theirs);
  });

  it("sends its requests to the same URLs under the same settings", () => {
    const script = `
import botocore.session
class Sent(Exception): pass
def stop(request, **_): raise Sent(request.url)
session = botocore.session.get_session()
session.set_credentials("AKIDEXAMPLE", "secret")
client = session.create_client("sts")
client.meta.events.register("before-send.sts", stop)
try: client.get_caller_identity()
except Sent as sent: print(sent)
`;
    const cases: [Record<string, string>, string][] = [
      [{ AWS_DEFAULT_REGION: "eu-west-1" }, "eu-west-1"],
      [{ AWS_DEFAULT_REGION: "eu-west-1", AWS_STS_REGIONAL_ENDPOINTS: "legacy" }, "eu-west-1"],
      [{ AWS_DEFAULT_REGION: "cn-north-1", AWS_USE_FIPS_ENDPOINT: "true" }, "cn-north-1"],
      [{ AWS_DEFAULT_REGION: "eu-west-1", AWS_ENDPOINT_URL_STS: "http://localhost:4566/x" }, "eu-west-1"],
    ];
    for (const [environment, region] of cases) {
      const { PATH, HOME } = process.env;
      const files = { AWS_CONFIG_FILE: "nowhere", AWS_SHARED_CREDENTIALS_FILE: "nowhere" };
      const { status, stdout } = spawnSync("python3", ["-c", script], {
        env: { PATH, HOME, ...files, ...environment },
        encoding: "utf8",
      });
      expect(status).toBe(0);
      const { url } = endpointOf("sts", region, { environment });
      expect(url.href).toBe(new URL(stdout.trim()).href);
    }
  });
});
