import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface WrongAnswer {
  /** The text to write when the first request arrives. `%` is replaced by the request's id. */
  readonly writes?: readonly string[];
  /** Writes each byte of the text separately. */
  readonly byteByByte?: boolean;
  /** The number of extra bytes without a line break to write before the text. */
  readonly bytes?: number;
  readonly after: "hangs" | "exits" | "closes its output" | "answers pings";
}

/** A fake `node`, to be the first on PATH. On demand it answers the first request incorrectly, once. Otherwise it runs the real Node. */
export class FakeNode {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    const real = process.execPath;
    writeFileSync(join(folder, "fake.cjs"), source);
    writeFileSync(
      join(folder, "node"),
      `#!/bin/sh\nd=${folder}\nif [ -e $d/wrong.json ]; then mv $d/wrong.json $d/now.json; exec ${real} $d/fake.cjs $d/now.json; fi\nexec ${real} "$@"\n`,
    );
    chmodSync(join(folder, "node"), 0o755);
  }

  /** The next core answers like this. */
  be(wrong: WrongAnswer): void {
    writeFileSync(join(this.folder, "wrong.json"), JSON.stringify(wrong));
  }

  /** Whether a core has answered like that. */
  get wasUsed(): boolean {
    return !existsSync(join(this.folder, "wrong.json"));
  }
}

const source = String.raw`
const { after, writes = [], byteByByte, bytes = 0 } = JSON.parse(require("node:fs").readFileSync(process.argv[2], "utf8"));
let id;
process.stdin.setEncoding("utf8").on("data", (data) => {
  if (id !== undefined) {
    if (after === "answers pings") process.stdout.write('{"jsonrpc":"2.0","id":0,"result":{}}\n');
    return;
  }
  id = JSON.parse(data.split(",")[1].split(":")[1]);
  let left = bytes;
  const block = "x".repeat(1_000_000);
  const next = () => {
    if (left > 0) { left -= block.length; return process.stdout.write(block, next); }
    for (const text of writes) {
      const answer = Buffer.from(text.replaceAll("%", id));
      const piece = byteByByte ? 1 : answer.length;
      for (let at = 0; at < answer.length; at += piece) process.stdout.write(answer.subarray(at, at + piece));
    }
    if (after === "exits") process.stdout.write("", () => process.exit(0));
    if (after === "closes its output") process.stdout.end();
  };
  next();
});
process.stdin.on("end", () => { if (after !== "hangs") process.exit(0); });
setInterval(() => {}, 1000);
`;
