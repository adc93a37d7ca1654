import { describe, expect, it } from "vitest";
import { consoleDestination } from "../../src/console/destination.ts";
import { consoleServices } from "../../src/console/services.ts";
import { codeOf } from "../credentials/fixtures.ts";

describe(consoleDestination, () => {
  it.each([
    [undefined, "aws", undefined, "https://console.aws.amazon.com/console/home"],
    ["", "aws", undefined, "https://console.aws.amazon.com/console/home"],
    [undefined, "aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"],
    [undefined, "aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/console/home?region=cn-north-1"],
    [undefined, "aws-us-gov", undefined, "https://console.amazonaws-us-gov.com/console/home"],
    ["ec2/home#Instances:", "aws", undefined, "https://console.aws.amazon.com/ec2/home#Instances:"],
    [
      "/s3/buckets?region=eu-west-1",
      "aws",
      "eu-west-1",
      "https://eu-west-1.console.aws.amazon.com/s3/buckets?region=eu-west-1",
    ],
    ["ec2", "aws", undefined, "https://console.aws.amazon.com/ec2/home"],
    ["ec2", "aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1"],
    ["iam", "aws", "eu-west-1", "https://console.aws.amazon.com/iam/home"],
    ["iam", "aws-cn", "cn-north-1", "https://console.amazonaws.cn/iam/home"],
    [
      "logs",
      "aws",
      "eu-west-1",
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups",
    ],
    ["toString", "aws", undefined, "https://console.aws.amazon.com/toString"],
    ["https://console.aws.amazon.com/s3/", "aws", undefined, "https://console.aws.amazon.com/s3/"],
    [
      "https://eu-west-1.console.aws.amazon.com/ec2",
      "aws",
      "us-east-1",
      "https://eu-west-1.console.aws.amazon.com/ec2",
    ],
    ["HTTPS://CONSOLE.aws.amazon.com/x", "aws", undefined, "https://console.aws.amazon.com/x"],
  ])("accepts %s in %s (%s)", (wanted, partition, region, destination) => {
    expect(consoleDestination(wanted, partition, region)).toBe(destination);
  });

  it("finds a page of the console for each service", () => {
    for (const name of consoleServices.keys()) {
      const page = consoleDestination(name, "aws", "eu-west-1");
      expect(name).toMatch(/^[a-z0-9]+$/);
      // The page is also a valid destination itself.
      expect(consoleDestination(page, "aws", undefined)).toBe(page);
    }
  });

  it.each([
    ["another site", "https://evil.example/"],
    ["another partition's console", "https://console.amazonaws.cn/"],
    ["a site that starts like the console", "https://console.aws.amazon.com.evil.example/"],
    ["a site that ends like the console", "https://evilconsole.aws.amazon.com/"],
    ["a user name that looks like the console", "https://console.aws.amazon.com@evil.example/"],
    ["plain http", "http://console.aws.amazon.com/"],
    ["a port", "https://console.aws.amazon.com:444/"],
    ["a script", "javascript://console.aws.amazon.com/%0aalert(1)"],
    ["a backslash", "https://console.aws.amazon.com\\@evil.example/"],
    ["a line break", "ec2/\nhome"],
    ["a tab", "ec2/\thome"],
    ["no host", "https://"],
  ])("refuses %s", async (_, wanted) => {
    expect(await codeOf(() => consoleDestination(wanted, "aws", undefined))).toBe("DestinationInvalid");
  });

  it.each(["//evil.example/", "@evil.example", ".evil.example", ":80/"])(
    "stays in the console with the path %s",
    (path) => {
      expect(new URL(consoleDestination(path, "aws", undefined)).host).toBe("console.aws.amazon.com");
    },
  );
});
