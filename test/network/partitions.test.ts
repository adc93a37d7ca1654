import { describe, expect, it } from "vitest";
import { partition, partitionOfRegion, partitions, validRegion } from "../../src/network/partitions.ts";
import { regionNames } from "../../src/network/region-names.ts";
import { hostileRegions } from "./hostile-regions.ts";

describe(partition, () => {
  it("recognizes only the partition names used in ARNs", () => {
    expect(partition("aws-us-gov")?.dnsSuffix).toBe("amazonaws.com");
    expect(partition("aws-moon")).toBeUndefined();
    expect(partition("__proto__")).toBeUndefined();
  });
});

describe(partitionOfRegion, () => {
  it.each([
    ["us-east-1", "aws"],
    ["il-central-1", "aws"],
    ["mx-central-1", "aws"],
    ["eu-west-99", "aws"],
    ["cn-north-1", "aws-cn"],
    ["cn-south-7", "aws-cn"],
    ["us-gov-east-1", "aws-us-gov"],
    ["eusc-de-east-1", "aws-eusc"],
    ["us-iso-west-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eu-isoe-west-1", "aws-iso-e"],
    ["us-isof-south-1", "aws-iso-f"],
    ["aws-global", "aws"],
    ["aws-cn-global", "aws-cn"],
    ["aws-iso-b-global", "aws-iso-b"],
    ["fake-region-10", "aws"],
    ["us-gov-east-1-and-more", "aws"],
  ])("puts %s into %s", (region, name) => {
    expect(partitionOfRegion(region).name).toBe(name);
  });

  it("matches the list of long names, in both directions", () => {
    for (const { name, defaultRegion } of partitions) {
      const regions = Object.keys(regionNames[name] ?? {});
      expect(regions).toContain(defaultRegion);
      expect(regions.filter((region) => partitionOfRegion(region).name !== name)).toEqual([]);
    }
    expect(Object.keys(regionNames).sort()).toEqual(partitions.map((one) => one.name).sort());
  });
});

describe(validRegion, () => {
  it.each(hostileRegions)("refuses %j", (region) => {
    expect(() => validRegion(region)).toThrow(expect.objectContaining({ code: "RegionInvalid" }));
  });

  it.each(["us-east-1", "fake-region-10", "x", "a".repeat(63), "1a"])("accepts %j", (region) => {
    expect(validRegion(region)).toBe(region);
  });

  it("lower-cases it, as in hosts and signatures", () => {
    expect(validRegion("EU-West-1")).toBe("eu-west-1");
  });

  it("names the source of an invalid region, and shows no more of it than fits on a line", () => {
    expect(() => validRegion("x!".repeat(150), "AWS_REGION")).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ target: "AWS_REGION" }) }),
    );
    expect(() => validRegion("x!".repeat(150))).toThrow(/^.{0,200}$/);
  });
});
