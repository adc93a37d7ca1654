// Formats the figures as a table of ratios and as a page.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const ms = (value) => (value === undefined ? "–" : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`);
const times = (value) => (Number.isFinite(value) ? `${value < 10 ? value.toFixed(2) : Math.round(value)} ×` : "–");

/** The target for 10,000 profiles: how many times as long as this project the JavaScript SDK takes. */
const targetOf = (figure, count) => (count === 10_000 ? { jsFind: 10, jsList: 1.5 }[figure] : undefined);

/** Each measurement, its ratio to the target's reference, and whether it meets the target. */
export function rowsOf(f) {
  const rows = [];
  /** `is` is in the target's unit. `least` marks a minimum: higher is better. */
  const add = (what, measured, is, show, target, { least = false } = {}) => {
    const known = is !== undefined && Number.isFinite(is);
    const met = !known || target === undefined ? "" : (least ? is >= target : is <= target) ? "yes" : "no";
    rows.push({
      what,
      measured,
      ratio: known ? show(is) : "–",
      target: target === undefined ? "" : `${least ? "≥" : "≤"} ${show(target)}`,
      met,
    });
  };
  const bare = f.bare;
  const mega = (value) => `${value.toFixed(1)} MB`;

  add("a bare `node -e 0`, the unit of the following rows", ms(bare), 1, times);
  add("Import-Module in a running session", ms(f.import), f.import, ms, 60);
  add("… processor time in the background, where no cmdlet is called", ms(f.background), f.background, ms, 150);
  add("Use-Role, again in the session", ms(f.again), f.again, ms, 1);
  add("… the AWS CLI with a warm cache takes", ms(f.awsCached), f.awsCached / f.again, times, 400, { least: true });
  add("first Use-Role, cached, right after import", ms(f.firstCachedNow), f.firstCachedNow / bare, times, 2.5);
  add("first Use-Role, cached, a second after import", ms(f.firstCachedSoon), f.firstCachedSoon, ms);
  add("first Use-Role, not cached, right after import", ms(f.firstFreshNow), f.firstFreshNow / bare, times, 4);
  add("… the AWS CLI, not cached, takes", ms(f.awsHttp), f.awsHttp / f.firstFreshNow, times);
  add("first Use-Role, not cached, 1.5 seconds after import", ms(f.firstFreshSoon), f.firstFreshSoon, ms);
  for (const way of ["http", "https"]) {
    const mine = f[`further_${way}`];
    add(
      `a further role, ${way}: the AWS SDK for .NET takes ${ms(f[`dotnet_${way}`])}`,
      ms(mine),
      mine / f[`dotnet_${way}`],
      times,
    );
    add(`… boto3 takes ${ms(f[`boto_${way}`])}`, ms(mine), mine / f[`boto_${way}`], times);
  }
  add("credential-process, cached", ms(f.commandCached), f.commandCached / bare, times, 1.45);
  add("… the AWS CLI takes", ms(f.awsCached), f.awsCached / f.commandCached, times, 6, { least: true });
  add("credential-process, not cached, http", ms(f.commandHttp), f.commandHttp / bare, times, 4);
  add("… the AWS CLI takes", ms(f.awsHttp), f.awsHttp / f.commandHttp, times);
  add("credential-process, not cached, https", ms(f.commandHttps), f.commandHttps / bare, times);
  add("… the AWS CLI takes", ms(f.awsHttps), f.awsHttps / f.commandHttps, times);
  add(`roles through the pipeline, 50 ms each, ideal ${ms(f.manyIdeal)}`, ms(f.many), f.many / f.manyIdeal, times, 1.5);
  add("… memory that two more such pipelines add: the core", "", f.coreGrowth, mega);
  add("… and PowerShell", "", f.sessionGrowth, mega);
  for (const count of [10, 1000, 10_000]) {
    const named = `one of ${count.toLocaleString("en")} profiles`;
    const listed = `${count.toLocaleString("en")} profiles, listed`;
    for (const [what, figure, peers] of [
      [
        `${named}, found`,
        "find",
        { botocore: "boto_find", "the JavaScript SDK": "jsFind", "the .NET SDK": "net_find" },
      ],
      [`${named}, changed on disk`, "change", { "the .NET SDK": "net_change" }],
      [listed, "list", { botocore: "boto_list", "the JavaScript SDK": "jsList", "the .NET SDK": "net_list" }],
    ]) {
      const mine = f[`${figure}_${count}`];
      add(what, ms(mine), mine, ms);
      for (const [peer, theirs] of Object.entries(peers)) {
        const value = f[`${theirs}_${count}`];
        add(`… ${peer} takes`, ms(value), value / mine, times, targetOf(theirs, count), { least: true });
      }
    }
  }
  add("memory of the core, after 100 cached roles", "", f.memoryAfter100, mega);
  add("… after 10,000, back to back", "", f.memoryAfter10k, mega);
  add("… after 100,000", "", f.memoryAfterAll, mega);
  add("… and once STS was called", "", f.memoryAfterSts, mega, 70);
  add("memory of a session's core, once STS was called", "", f.coreAfterSts, mega, 70);
  add("the module's folder", "", f.moduleSize, mega);
  // A tool that is not installed has no row.
  return rows.filter(({ measured, ratio }) => measured !== "–" && ratio !== "–");
}

export function tableOf(rows, { versions, missing }) {
  const lines = [
    "| what | measured | ratio | target | met |",
    "| --- | ---: | ---: | ---: | --- |",
    ...rows.map(
      ({ what, measured, ratio, target, met }) => `| ${what} | ${measured} | ${ratio} | ${target} | ${met} |`,
    ),
    "",
    ...Object.entries(versions).map(([name, version]) => `- ${name} ${version}`),
    ...missing.map((name) => `- not installed: ${name}`),
  ];
  return `${lines.join("\n")}\n`;
}

const begin = "<!-- measured: begin -->";
const end = "<!-- measured: end -->";

/** Replaces the measured section and keeps the text around it. */
export function writePage(path, rows, about) {
  const measured = [
    begin,
    `${about.machine}; ${new Date().toISOString().slice(0, 10)}; medians of ${about.rounds} rounds; load average ${about.load}.`,
    "",
    tableOf(rows, about),
    end,
  ].join("\n");
  const page = existsSync(path) ? readFileSync(path, "utf8") : `# How fast it is\n\n${begin}\n${end}\n`;
  writeFileSync(path, page.slice(0, page.indexOf(begin)) + measured + page.slice(page.indexOf(end) + end.length));
}
