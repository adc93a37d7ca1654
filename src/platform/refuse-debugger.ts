/**
 * Ignores SIGUSR1, at which Node would open a debugger on a port that every user of the machine can reach. It must be the first import of
 * what Node starts: until it runs, the signal still has Node's own meaning.
 */
process.on("SIGUSR1", () => {});
