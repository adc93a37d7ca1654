import { createScratch } from "./scratch.ts";

const scratch = createScratch(0);

/**
 * The content of a file for whoever needs it just now: it is good until the next one is read.
 * @throws the system's error
 */
export function readBriefly(path: string): Buffer {
  return scratch.read(path);
}
