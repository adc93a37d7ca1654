/** A tree to serialize as XML. An object's keys become elements in order, a list its members, and undefined values are omitted. */
export type XmlTree = string | number | readonly XmlTree[] | { readonly [element: string]: XmlTree | undefined };

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** A response in STS's query protocol. `{requestId}` is replaced when it is sent. */
export function resultXml(action: string, result: XmlTree | undefined, namespace = stsNamespace): string {
  const tree = { [`${action}Result`]: result, ResponseMetadata: { RequestId: "{requestId}" } };
  return `<${action}Response xmlns="${namespace}">\n${render(tree, "  ")}</${action}Response>\n`;
}

/** An error in STS's query protocol. */
export function errorXml(type: "Sender" | "Receiver", code: string, message: string, namespace = stsNamespace): string {
  const tree = { Error: { Type: type, Code: code, Message: message }, RequestId: "{requestId}" };
  return `<ErrorResponse xmlns="${namespace}">\n${render(tree, "  ")}</ErrorResponse>\n`;
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
