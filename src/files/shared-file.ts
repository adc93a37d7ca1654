import { type Property, propertiesOf, textOfValue } from "./property.ts";
import {
  allowedName,
  type FileKind,
  nextHeader,
  readHeader,
  type Section,
  type SectionKind,
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
  #latest: { readonly id: string; readonly headers: readonly number[] } | undefined;
  #index: Map<string, number[]> | undefined;

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
  profileNames(): string[] {
    const names = new Set<string>();
    this.#indexed().forEach((starts, title) => {
      const name = this.#plainProfileName(title) ?? this.#oddProfileName(starts);
      if (name !== undefined) names.add(name);
    });
    return [...names];
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
    const id = `${kind} ${name}`;
    if (this.#latest?.id !== id) this.#latest = { id, headers: this.#find(kind, name) };
    return this.#latest.headers;
  }

  #find(kind: SectionKind, name: string): readonly number[] {
    const title = encoded(titleOf(kind, name, this.kind));
    // A search finds one section soonest; an index pays when many are asked for.
    this.#lookups++;
    const indexed = this.#index || this.#lookups > 8 ? (this.#indexed().get(title) ?? []) : undefined;
    if (indexed && allowedName.test(name)) return indexed;
    return (indexed ?? this.#search(`[${title}]`)).filter((start) => {
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

  /** Titles as they stand in plain headers → where. */
  #indexed(): Map<string, number[]> {
    if (this.#index) return this.#index;
    const { text } = this.source;
    const index = new Map<string, number[]>();
    for (let at = nextHeader(text, startOf(text)); at >= 0; at = text.indexOf("\n[", at) + 1 || -1) {
      const title = this.#titleAt(at);
      const found = index.get(title);
      if (found) found.push(at);
      else index.set(title, [at]);
    }
    this.#index = index;
    return index;
  }

  #titleAt(start: number): string {
    const { text } = this.source;
    if (isPlainHeader(text, start)) return text.slice(start + 1, text.indexOf("]", start));
    const header = readHeader(this.source, start, this.kind);
    return header ? encoded(titleOf(header.kind, header.name, this.kind)) : "";
  }

  #oddProfileName([start]: readonly number[]): string | undefined {
    const header = start === undefined ? undefined : readHeader(this.source, start, this.kind);
    return header?.kind === "profile" || header?.kind === "bare default" ? header.name : undefined;
  }

  #plainProfileName(title: string): string | undefined {
    if (this.kind === "credentials") return allowedName.test(title) ? title : undefined;
    const name = title.startsWith("profile ") ? title.slice("profile ".length) : "";
    return allowedName.test(name) ? name : undefined;
  }
}

/** What stands in the brackets of a plain header. */
function titleOf(kind: SectionKind, name: string, file: FileKind): string {
  return file === "credentials" || kind === "bare default" ? name : `${kind} ${name}`;
}
