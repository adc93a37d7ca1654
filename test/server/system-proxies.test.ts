import { describe, expect, it } from "vitest";
import { createSystemProxies } from "../../src/server/system-proxies.ts";

const sts = "https://sts.amazonaws.com/";

/** The questions that it asked, and a clock that the test sets. */
function open() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const proxies = createSystemProxies(
    (line) => lines.push(line),
    () => clock.now,
  );
  const questions = () => lines.map((line) => JSON.parse(line).params.destination);
  return { ...proxies, lines, questions, clock };
}

describe(createSystemProxies, () => {
  it("asks once for concurrent requests, and again after a minute", async () => {
    const { find, take, questions, clock } = open();
    const both = Promise.all([find(sts), find(sts)]);
    take({ destination: sts, proxy: "http://a:1" });
    expect(await both).toEqual(["http://a:1", "http://a:1"]);
    clock.now = 59_999;
    expect(await find(sts)).toBe("http://a:1");
    expect(questions()).toEqual([sts]);
    clock.now = 60_000;
    const later = find(sts);
    take({ destination: sts });
    expect(await later).toBeUndefined();
    expect(questions()).toEqual([sts, sts]);
  });

  it("asks for each destination, and takes answers in any order", async () => {
    const { find, take, questions } = open();
    const other = "https://portal.sso.eu-west-1.amazonaws.com/";
    const answers = Promise.all([find(sts), find(other)]);
    take({ destination: other, proxy: "http://b:1" });
    take({ destination: "https://never.asked/", proxy: "http://c:1" });
    take({ destination: sts });
    expect(await answers).toEqual([undefined, "http://b:1"]);
    expect(questions()).toEqual([sts, other]);
  });

  it("asks in the form that the module recognizes by its first bytes", () => {
    const { find, lines } = open();
    void find(sts);
    expect(lines).toEqual([`{"jsonrpc":"2.0","method":"$/findProxy","params":{"destination":"${sts}"}}`]);
  });
});
