// A browser for tests, without a window: opens the page, follows its redirect, and presses the button that the sandbox's person would press.
// BROWSER="node test/sandbox/browser.mjs"
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [, , address = ""] = process.argv;
const link = address.startsWith("file:") ? linkIn(readFileSync(fileURLToPath(address), "utf8")) : address;
const page = await fetch(link);
const text = await page.text();
const decision = /button\[value=(\w+)\]/.exec(text)?.[1];
if (decision) {
  const action = new URL(plain(/action="([^"]*)"/.exec(text)?.[1] ?? ""), link);
  const body = new URLSearchParams({ decision });
  for (const [, name = "", value = ""] of text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    body.set(name, plain(value));
  }
  await fetch(action, { method: "POST", body });
}

function linkIn(html) {
  return plain(/href="([^"]*)"/.exec(html)?.[1] ?? "");
}

function plain(html) {
  return html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");
}
