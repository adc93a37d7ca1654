#!/usr/bin/env node
/**
 * The file that Node starts. PowerShell's core is loaded as any module. A command, whose life is shorter than the compilation of what it
 * runs, takes a shortcut where an earlier run left one, and else the machine code's forerunner that V8 left.
 */
import { takeShortcut } from "./shortcut.ts";
import { writeAll } from "./write-all.ts";

if (process.argv[2] === "serve") require("./core.cjs");
else {
  const answer = takeShortcut(process.argv.slice(2), process.env, Date.now());
  if (answer !== undefined) {
    writeAll(1, answer);
    process.exit(0);
  }
  const bundles = { "core.cjs": CORE_HASH, "assume-role.cjs": ASSUME_ROLE_HASH };
  void import("./compiled-code.ts").then(({ loadCompiled }) =>
    loadCompiled("core.cjs", bundles, process.env.HOME || process.env.USERPROFILE),
  );
}
