// One-shot programs: credential-process and the AWS CLI.
import { interleave, timeOf } from "./measure.mjs";
import { core, environmentOf, forget, makeHome, nodePath } from "./workplace.mjs";

export async function measureCommands(rounds, peers, sts) {
  const ours = makeHome("command");
  const cli = makeHome("cli");
  const run = (home, way) => environmentOf(home, sts[way], way === "https" ? sts.caFile : undefined);
  const ask = [core, "credential-process", "--profile", "prod"];
  // Version 1 has no export command; listing resolves credentials in the same way.
  const cliCommand = peers.exportCredentials
    ? ["configure", "export-credentials", "--profile", "prod"]
    : ["configure", "list", "--profile", "prod"];
  const node = (args, way, before) => timeOf(nodePath, args, run(ours, way), before);
  const aws = (way, before) => timeOf("aws", cliCommand, run(cli, way), before);
  // The first runs write bytecode and caches.
  for (const way of ["http", "https"]) for (const _ of [1, 2]) node(ask, way, () => forget(ours));
  node(ask, "http");

  return interleave(rounds, {
    bare: () => ({ bare: node(["-e", "0"], "http") }),
    cached: () => {
      node(ask, "http");
      return { commandCached: node(ask, "http") };
    },
    http: () => ({ commandHttp: node(ask, "http", () => forget(ours)) }),
    https: () => ({ commandHttps: node(ask, "https", () => forget(ours)) }),
    ...(peers.aws && {
      awsCached: () => {
        aws("http");
        return { awsCached: aws("http") };
      },
      awsHttp: () => ({ awsHttp: aws("http", () => forget(cli)) }),
      awsHttps: () => ({ awsHttps: aws("https", () => forget(cli)) }),
    }),
  });
}
