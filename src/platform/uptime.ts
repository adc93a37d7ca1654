/** A monotonic clock, in milliseconds. `performance.now()` is equivalent, but loading it adds over a millisecond to each command. */
export function uptime(): number {
  return process.uptime() * 1000;
}
