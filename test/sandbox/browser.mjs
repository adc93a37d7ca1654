// A browser whose user presses a button. As a program: `node browser.mjs allow|deny LINK`, where the link may be a local page with a link.
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Does what a browser does with an authorization page: sends its form and follows the redirect. */
export async function visit(link, decision = "allow") {
  const page = await fetch(link);
  const form = await page.text();
  const action = new URL(textOf(/action="([^"]*)"/.exec(form)?.[1] ?? ""), link);
  const body = new URLSearchParams({ decision });
  for (const [, name, value] of form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    body.set(name, textOf(value));
  return fetch(action, { method: "POST", body });
}

function textOf(html) {
  return html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [decision, link = ""] = process.argv.slice(2);
  const local = link.startsWith("file:") && /href="([^"]*)"/.exec(readFileSync(fileURLToPath(link), "utf8"))?.[1];
  const target = local ? textOf(local) : link;
  if (new URL(target).hostname === "127.0.0.1") await visit(target, decision === "deny" ? "deny" : "allow");
}
