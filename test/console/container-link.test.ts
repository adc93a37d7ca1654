import { describe, expect, it } from "vitest";
import { containerLink } from "../../src/console/container-link.ts";
import type { BrowserContainer } from "../../src/protocol/console-messages.ts";
import { codeOf } from "../credentials/fixtures.ts";

const link =
  "https://signin.aws.amazon.com/federation?Action=login&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F&x=a+b";

/** Reads the link as Granted's extension does: Firefox encodes the whole link and appends it to the extension's page as a fragment. */
function readByExtension(text: string) {
  const address = decodeURIComponent(encodeURIComponent(text));
  const parameters = new URLSearchParams(address.slice("ext+granted-containers:".length));
  return Object.fromEntries(parameters);
}

describe(containerLink, () => {
  it.each<[string, BrowserContainer]>([
    ["a name", { name: "prod" }],
    ["a color and an icon", { name: "prod", color: "red", icon: "briefcase" }],
    ["a name with reserved characters", { name: "Prod & Co + 100 % = #1 ünï/?" }],
  ])("is read by Granted's extension with %s", (_, container) => {
    const address = containerLink(link, container);
    expect(address).toMatch(/^ext\+granted-containers:name=[!-~]+$/);
    expect(readByExtension(address)).toEqual({ ...container, url: link });
  });

  it("has the form that Granted writes", () => {
    expect(containerLink("https://a.example/?b=c", { name: "p q", color: "blue", icon: "pet" })).toBe(
      "ext+granted-containers:name=p%20q&url=https%3A%2F%2Fa.example%2F%3Fb%3Dc&color=blue&icon=pet",
    );
  });

  it.each<[string, BrowserContainer]>([
    ["an empty name", { name: "" }],
    ["a blank name", { name: " " }],
    ["a name with a line break", { name: "a\nb" }],
    ["a name of 101 characters", { name: "x".repeat(101) }],
    ["an unknown color", { name: "prod", color: "black" }],
    ["an unknown icon", { name: "prod", icon: "skull" }],
  ])("refuses %s", async (_, container) => {
    expect(await codeOf(() => containerLink(link, container))).toBe("ContainerInvalid");
  });
});
