import type { Answer } from "../http/send.ts";
import type { BrowserUser } from "./sso-authorizations.ts";

/** The page on which the user allows or denies a program. A user who is not absent presses a button at once, by script. */
export function authorizationPage(action: string, fields: Readonly<Record<string, string>>, user: BrowserUser): Answer {
  const inputs = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${htmlText(value)}">`)
    .join("");
  const buttons = ["allow", "deny"].map((name) => `<button name="decision" value="${name}">${name}</button>`).join("");
  const press = user === "absent" ? "" : `<script>document.querySelector("button[value=${user}]").click()</script>`;
  return html(200, `<form method="post" action="${htmlText(action)}">${inputs}${buttons}</form>${press}`);
}

export function html(status: number, body: string): Answer {
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return {
    status,
    headers,
    body: `<!doctype html><html><head><title>AWS access portal</title></head><body>${body}</body></html>`,
  };
}

function htmlText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
