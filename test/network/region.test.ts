import { describe, expect, it } from "vitest";
import { type RegionSources, resolveRegion } from "../../src/network/region.ts";
import { parseRoleArn, readRoleArn } from "../../src/protocol/role-arn.ts";

const resolve = (sources: Partial<RegionSources>) => resolveRegion({ settings: {}, environment: {}, ...sources });
const role = (partition: string) => parseRoleArn(`arn:${partition}:iam::123456789012:role/Admin`);

describe(resolveRegion, () => {
  const all: Partial<RegionSources> = {
    explicit: "eu-west-1",
    settings: { region: "eu-west-2" },
    environment: { AWS_REGION: "eu-west-3", AWS_DEFAULT_REGION: "eu-north-1" },
    instanceRegion: async () => "eu-central-1",
  };
  it.each([
    ["the explicit region", all, "eu-west-1"],
    ["the profile's", { ...all, explicit: undefined }, "eu-west-2"],
    ["AWS_REGION", { ...all, explicit: undefined, settings: {} }, "eu-west-3"],
    [
      "AWS_DEFAULT_REGION",
      { ...all, explicit: undefined, settings: {}, environment: { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-north-1" } },
      "eu-north-1",
    ],
    ["the instance's", { instanceRegion: all.instanceRegion }, "eu-central-1"],
    ["us-east-1", { instanceRegion: async () => undefined }, "us-east-1"],
    ["us-east-1 without an instance", {}, "us-east-1"],
  ] satisfies [string, Partial<RegionSources>, string][])("takes %s next", async (_name, sources, region) => {
    expect(await resolve(sources)).toBe(region);
  });

  it("asks the instance only when no other source sets a region", async () => {
    let asked = 0;
    const instanceRegion = async () => {
      asked++;
      return undefined;
    };
    await resolve({ instanceRegion, environment: { AWS_REGION: "eu-west-1" } });
    expect(asked).toBe(0);
    await resolve({ instanceRegion });
    expect(asked).toBe(1);
  });

  it.each([
    ["aws", "us-east-1"],
    ["aws-cn", "cn-north-1"],
    ["aws-us-gov", "us-gov-west-1"],
    ["aws-eusc", "eusc-de-east-1"],
    ["aws-iso", "us-iso-east-1"],
    ["aws-iso-b", "us-isob-east-1"],
    ["aws-iso-e", "eu-isoe-west-1"],
    ["aws-iso-f", "us-isof-south-1"],
  ])("defaults a role in %s to the region %s", async (partition, region) => {
    expect(await resolve({ role: role(partition) })).toBe(region);
  });

  it("does not check the region for an unknown partition", async () => {
    const foreign = readRoleArn("arn:minio:iam:::role/idmp-one", "prod");
    expect(await resolve({ role: foreign })).toBe("us-east-1");
    expect(await resolve({ role: foreign, explicit: "cn-north-1" })).toBe("cn-north-1");
  });

  it("keeps a region in the role's partition", async () => {
    expect(await resolve({ role: role("aws-cn"), explicit: "cn-northwest-1" })).toBe("cn-northwest-1");
  });

  it.each([
    ["the explicit region", { explicit: "eu-west-1" }],
    ["the profile's", { settings: { region: "eu-west-1" } }],
    ["the environment's", { environment: { AWS_REGION: "eu-west-1" } }],
  ])("refuses %s when the role is in another partition", async (_name, sources) => {
    await expect(resolve({ ...sources, role: role("aws-cn") })).rejects.toMatchObject({
      code: "PartitionMismatch",
      details: { target: role("aws-cn").text, action: expect.stringContaining("cn-north-1") },
    });
  });

  it("prefers the partition's default to an instance region in another partition", async () => {
    expect(await resolve({ role: role("aws-cn"), instanceRegion: async () => "eu-west-1" })).toBe("cn-north-1");
  });

  it("refuses a partition that AWS does not have", async () => {
    await expect(resolve({ role: role("aws-moon") })).rejects.toMatchObject({ code: "PartitionMismatch" });
  });

  it.each([
    ["-Region", { explicit: "a@b" }],
    ["-Region", { explicit: "" }],
    ["region", { settings: { region: "a.b" } }],
    ["AWS_REGION", { environment: { AWS_REGION: "../" } }],
    ["AWS_DEFAULT_REGION", { environment: { AWS_DEFAULT_REGION: "x/" } }],
    ["instance metadata", { instanceRegion: async () => "<html>" }],
  ])("names %s as the source of an invalid region", async (target, sources) => {
    await expect(resolve(sources)).rejects.toMatchObject({ code: "RegionInvalid", details: { target } });
  });
});
