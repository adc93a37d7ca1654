import { type Property, propertiesOf, textOfValue } from "./property.ts";
import {
  allowedName,
  type FileKind,
  nextHeader,
  readHeader,
  type Section,
  type SectionKind,
  type SectionName,
  sectionAt,
} from "./section.ts";
import { checkStructure, isPlainHeader } from "./structure.ts";
import { encoded, type Source, sourceOf, startOf } from "./text.ts";

/** One of the two AWS files, read as far as it was asked for. */
export class SharedFile {
  readonly source: Source;
  readonly kind: FileKind;
  /** Headers that a search for the plain form does not find. */
  readonly #oddHeaders: readonly number[];
  #lookups = 0;
  /** An edit asks for the same section again and again. */
  #latest: { readonly kind: SectionKind; readonly name: string; readonly headers: readonly number[] } | undefined;
  #index: Index | undefined;

  /** @throws RoleError `FileBroken` when the structure of the file is broken anywhere. */
  constructor(file: string, content: Buffer, kind: FileKind) {
    this.source = sourceOf(file, content);
    this.kind = kind;
    this.#oddHeaders = checkStructure(this.source);
  }

  /** The sections that make up a profile, in order. `[profile default]` leaves nothing of `[default]`. */
  profileSections(name: string): readonly Section[] {
    const named = this.sections("profile", name);
    return named.length === 0 && name === "default" && this.kind === "config"
      ? this.sections("bare default", name)
      : named;
  }

  /** The sections of one kind and name, wherever they stand: they merge. */
  sections(kind: SectionKind, name: string): readonly Section[] {
    const { text } = this.source;
    return this.#headers(kind, name).map((start) => sectionAt(text, start));
  }

  /** In the order of the file, each once: `[profile default]` and `[default]` are one profile. */
  profileNames(): readonly string[] {
    return [...this.#indexed().profileNames];
  }

  /** Key → value of all these sections together, the last of two equal keys; keys that AWS's rules do not allow are left out. */
  values(sections: readonly Section[]): Map<string, string> {
    const values = new Map<string, string>();
    for (const property of this.properties(sections)) {
      if (allowedName.test(property.key)) values.set(property.key, textOfValue(this.source.text, property));
    }
    return values;
  }

  properties(sections: readonly Section[]): Property[] {
    const [first] = sections;
    if (first && sections.length === 1) return propertiesOf(this.source, first);
    return sections.flatMap((section) => propertiesOf(this.source, section));
  }

  #headers(kind: SectionKind, name: string): readonly number[] {
    if (this.#latest?.name !== name || this.#latest.kind !== kind)
      this.#latest = { kind, name, headers: this.#find(kind, name) };
    return this.#latest.headers;
  }

  #find(kind: SectionKind, name: string): readonly number[] {
    // A search finds one section soonest; an index pays when many are asked for.
    this.#lookups++;
    if (this.#index || this.#lookups > 8) return this.#indexed().headers[kind].get(name) ?? [];
    return this.#search(`[${encoded(titleOf(kind, name, this.kind))}]`).filter((start) => {
      const header = readHeader(this.source, start, this.kind);
      return header?.kind === kind && header.name === name;
    });
  }

  #search(plain: string): number[] {
    const { text } = this.source;
    const found: number[] = [];
    if (text.startsWith(plain, startOf(text))) found.push(startOf(text));
    const line = `\n${plain}`;
    for (let feed = text.indexOf(line); feed >= 0; feed = text.indexOf(line, feed + 1)) found.push(feed + 1);
    return this.#oddHeaders.length === 0 ? found : found.concat(this.#oddHeaders).sort((one, other) => one - other);
  }

  #indexed(): Index {
    if (this.#index) return this.#index;
    const { text } = this.source;
    const headers: Index["headers"] = {
      profile: new Map(),
      "bare default": new Map(),
      "sso-session": new Map(),
      services: new Map(),
    };
    const profileNames = new Set<string>();
    for (let at = nextHeader(text, startOf(text)); at >= 0; at = text.indexOf("\n[", at) + 1 || -1) {
      const header = this.#plainProfile(at) ?? readHeader(this.source, at, this.kind);
      if (!header) continue;
      const { kind, name } = header;
      if (kind === "profile" || kind === "bare default") profileNames.add(name);
      const found = headers[kind].get(name);
      if (found) found.push(at);
      else headers[kind].set(name, [at]);
    }
    this.#index = { headers, profileNames };
    return this.#index;
  }

  /** What {@link readHeader} would find, sooner, in a header as most are. */
  #plainProfile(start: number): SectionName | undefined {
    const { text } = this.source;
    const lead = this.kind === "credentials" ? "[" : "[profile ";
    if (!text.startsWith(lead, start) || !isPlainHeader(text, start)) return undefined;
    const name = text.slice(start + lead.length, text.indexOf("]", start));
    return allowedName.test(name) ? { kind: "profile", name } : undefined;
  }
}

interface Index {
  /** Where the headers of each kind and name stand. */
  readonly headers: Readonly<Record<SectionKind, Map<string, number[]>>>;
  readonly profileNames: ReadonlySet<string>;
}

/** What stands in the brackets of a plain header. */
function titleOf(kind: SectionKind, name: string, file: FileKind): string {
  return file === "credentials" || kind === "bare default" ? name : `${kind} ${name}`;
}
