/** A clock that nobody sets, in milliseconds. `performance.now()` says the same, and takes milliseconds to load. */
export function uptime(): number {
  return process.uptime() * 1000;
}
