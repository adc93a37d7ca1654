#!/usr/bin/env node
/**
 * The file that Node starts. PowerShell's core is loaded as any module; a command, whose life is shorter than the compilation of what it
 * runs, with the machine code's forerunner that V8 left at an earlier run.
 */
import { loadCompiled } from "./compiled-code.ts";

if (process.argv[2] === "serve") require("./core.cjs");
else {
  const bundles = { "core.cjs": CORE_HASH, "assume-role.cjs": ASSUME_ROLE_HASH };
  loadCompiled("core.cjs", bundles, process.env.HOME || process.env.USERPROFILE);
}
