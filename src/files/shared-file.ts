import { type Property, propertiesOf, textOfValue } from "./property.ts";
import {
  allowedName,
  type FileKind,
  headersOf,
  mayBeNamed,
  nextHeader,
  readHeader,
  type Section,
  type SectionKind,
  sectionAt,
} from "./section.ts";
import { checkStructure } from "./structure.ts";
import { encoded, type Source, sourceOf, startOf } from "./text.ts";

/** One of the two AWS files, read as far as it was asked for. */
export class SharedFile {
  readonly source: Source;
  readonly kind: FileKind;
  #lookups = 0;
  #index: Map<string, number[]> | undefined;

  /** @throws RoleError `FileBroken` when the structure of the file is broken anywhere. */
  constructor(file: string, content: Buffer, kind: FileKind) {
    this.source = sourceOf(file, content);
    this.kind = kind;
    checkStructure(this.source);
  }

  /** The sections that make up a profile, in order. `[profile default]` leaves nothing of `[default]`. */
  profileSections(name: string): readonly Section[] {
    const named = this.sections("profile", name);
    return named.length === 0 && name === "default" ? this.sections("bare default", name) : named;
  }

  /** The sections of one kind and name, wherever they stand: they merge. */
  sections(kind: SectionKind, name: string): readonly Section[] {
    const { text } = this.source;
    return this.#headers(kind, name).map((start) => sectionAt(text, start));
  }

  /** In the order of the file, each once: `[profile default]` and `[default]` are one profile. */
  profileNames(): string[] {
    const names = new Set<string>();
    for (const title of this.#indexed().keys()) {
      if (title.startsWith("profile ")) names.add(title.slice("profile ".length));
      else if (title.startsWith("bare ")) names.add("default");
    }
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
    return sections.flatMap((section) => propertiesOf(this.source, section));
  }

  #headers(kind: SectionKind, name: string): readonly number[] {
    // Walking the headers finds one profile soonest; an index pays from the third question on.
    this.#lookups++;
    if (this.#index || this.#lookups > 2) return this.#indexed().get(`${kind} ${name}`) ?? [];
    const { text } = this.source;
    const bytes = encoded(name);
    const found: number[] = [];
    for (let at = nextHeader(text, startOf(text)); at >= 0; at = text.indexOf("\n[", at) + 1 || -1) {
      if (!mayBeNamed(text, at, bytes, this.kind)) continue;
      const header = readHeader(this.source, at, this.kind);
      if (header?.kind === kind && header.name === name) found.push(at);
    }
    return found;
  }

  #indexed(): Map<string, number[]> {
    if (this.#index) return this.#index;
    const index = new Map<string, number[]>();
    for (const start of headersOf(this.source.text)) {
      const header = readHeader(this.source, start, this.kind);
      if (!header) continue;
      const title = `${header.kind} ${header.name}`;
      const found = index.get(title);
      if (found) found.push(start);
      else index.set(title, [start]);
    }
    this.#index = index;
    return index;
  }
}
