// A bar chart on a logarithmic scale, because the differences are orders of magnitude.
const bars = [
  [
    "a role again",
    [
      ["Use-Role", "again"],
      ["AWS CLI", "awsCached"],
    ],
  ],
  [
    "a further role, https",
    [
      ["Use-Role", "further_https"],
      [".NET SDK", "dotnet_https"],
      ["boto3", "boto_https"],
    ],
  ],
  [
    "a command, cached",
    [
      ["credential-process", "commandCached"],
      ["AWS CLI", "awsCached"],
      ["node -e 0", "bare"],
    ],
  ],
  [
    "a command, not cached",
    [
      ["credential-process", "commandHttp"],
      ["AWS CLI", "awsHttp"],
    ],
  ],
  [
    "one of 10,000 profiles",
    [
      ["found", "find_10000"],
      ["botocore", "boto_find_10000"],
      ["JS SDK", "jsFind_10000"],
      [".NET SDK", "net_find_10000"],
    ],
  ],
];
const width = 770;
const left = 300;
const height = 18;
const [least, most] = [0.1, 10_000];

export function drawChart(figures) {
  const scale = (value) =>
    (Math.log10(Math.max(value, least) / least) / Math.log10(most / least)) * (width - left - 90);
  const parts = [];
  let y = 30;
  for (const [title, entries] of bars) {
    const known = entries.filter(([, figure]) => Number.isFinite(figures[figure]));
    if (known.length === 0) continue;
    parts.push(`<text x="8" y="${y + 13}" font-weight="bold">${title}</text>`);
    for (const [index, [name, figure]] of known.entries()) {
      const value = figures[figure];
      const color = index === 0 ? "#0b7285" : "#adb5bd";
      const length = Math.max(1, scale(value)).toFixed(1);
      parts.push(
        `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${name}</text>`,
        `<rect x="${left}" y="${y + 2}" width="${length}" height="${height - 5}" fill="${color}"/>`,
        `<text x="${left + Number(length) + 5}" y="${y + 13}">${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms</text>`,
      );
      y += height;
    }
    y += 10;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 6}" width="${width}" height="${y + 6}" font-family="sans-serif" font-size="12" role="img">`,
    "<title>RoleCredentials and its peers, in milliseconds, on a scale of tenfold steps</title>",
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    '<text x="8" y="18" fill="#495057">milliseconds, each tenfold step as wide as the next; shorter is faster</text>',
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
