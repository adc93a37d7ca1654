/**
 * Ignores SIGUSR1, on which Node opens a debugger on a port that every user of the machine can reach. Import this first in each of Node's
 * entry points: until it runs, the signal keeps Node's own handler.
 */
process.on("SIGUSR1", () => {});
