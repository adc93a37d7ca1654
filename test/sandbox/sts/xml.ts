import type { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";

/** A tree to serialize as XML. An object's keys become elements in order, a list its members, and undefined values are omitted. */
export type XmlTree = string | number | readonly XmlTree[] | { readonly [element: string]: XmlTree | undefined };

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** A response in the query protocol. `{requestId}` is replaced when it is sent. */
export function xmlAnswer(action: string, result: XmlTree | undefined, namespace = stsNamespace): Answer {
  const tree = { [`${action}Result`]: result, ResponseMetadata: { RequestId: "{requestId}" } };
  return page(200, `${action}Response`, namespace, tree);
}

/** An error in the query protocol. */
export function xmlError({ code, status, message }: AwsError, namespace = stsNamespace): Answer {
  const error = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  return page(status, "ErrorResponse", namespace, { Error: error, RequestId: "{requestId}" });
}

function page(status: number, root: string, namespace: string, tree: XmlTree): Answer {
  const body = `<${root} xmlns="${namespace}">\n${render(tree, "  ")}</${root}>\n`;
  return { status, headers: { "Content-Type": "text/xml" }, body };
}

function render(tree: XmlTree, indent: string): string {
  if (typeof tree !== "object") return escapeXml(String(tree));
  if (Array.isArray(tree)) return tree.map((member) => render({ member }, indent)).join("");
  return Object.entries(tree)
    .filter((entry): entry is [string, XmlTree] => entry[1] !== undefined)
    .map(([name, child]) => {
      if (typeof child !== "object") return `${indent}<${name}>${render(child, "")}</${name}>\n`;
      return `${indent}<${name}>\n${render(child, `${indent}  `)}${indent}</${name}>\n`;
    })
    .join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
