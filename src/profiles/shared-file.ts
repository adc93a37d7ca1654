import { type Property, propertiesOf, readValues } from "./property.ts";
import {
  allHeaders,
  allowedName,
  type FileKind,
  nextHeader,
  plainProfileName,
  readHeader,
  type Section,
  type SectionKind,
  sectionAt,
} from "./section.ts";
import { checkStructure } from "./structure.ts";
import { encoded, isUtf8Piece, lineAt, notUtf8At, type Source, sourceOf, startOf } from "./text.ts";

/** One of the two AWS files, parsed on demand. */
export class SharedFile {
  readonly source: Source;
  readonly kind: FileKind;
  /** Headers that a search for the plain form would miss. */
  readonly #oddHeaders: readonly number[];
  #lookups = 0;
  #index: Index | undefined;

  /** @throws RoleError `FileBroken` if the structure of the file is broken anywhere. */
  constructor(file: string, content: Buffer, kind: FileKind) {
    const source = sourceOf(file, content);
    const { oddHeaders, indentedHeaders } = checkStructure(source);
    this.source =
      indentedHeaders.length === 0 ? source : { ...source, headers: allHeaders(source.text, indentedHeaders) };
    this.kind = kind;
    this.#oddHeaders = oddHeaders;
  }

  /** The sections of a profile, in order. `[profile default]` hides `[default]`. */
  profileSections(name: string): readonly Section[] {
    const named = this.sections("profile", name);
    return named.length === 0 && name === "default" && this.kind === "config"
      ? this.sections("bare default", name)
      : named;
  }

  /** All sections of one kind and name. They merge. */
  sections(kind: SectionKind, name: string): readonly Section[] {
    return this.#find(kind, name).map((start) => sectionAt(this.source, start));
  }

  /**
   * Reads all profiles in the order of the file, section by section.
   * @param begin receives the name of each section
   * @param take then receives its keys and values
   */
  readProfiles(begin: (name: string) => void, take: (key: string, value: string) => void): void {
    const { text } = this.source;
    const isBareHidden = this.kind === "config" && this.sections("profile", "default").length > 0;
    this.#readHeaders((kind, name, start, end) => {
      if (kind !== "profile" && kind !== "bare default") return;
      begin(name);
      if (kind === "bare default" && isBareHidden) return;
      readValues(this.source, { body: text.indexOf("\n", start) + 1 || end, end }, take);
    });
  }

  /** The names of all sections of one kind. */
  namesOf(kind: SectionKind): readonly string[] {
    return [...this.#indexed()[kind].keys()];
  }

  /** Merges sections into key → value; the last of two equal keys wins. Leaves out keys that AWS's rules do not allow. */
  values(sections: readonly Section[]): Map<string, string> {
    const values = new Map<string, string>();
    this.readValues(sections, (key, value) => {
      if (allowedName.test(key)) values.set(key, value);
    });
    return values;
  }

  /** Passes every key and value of some sections to `take`; the last of two equal keys wins. */
  readValues(sections: readonly Section[], take: (key: string, value: string) => void): void {
    for (const section of sections) readValues(this.source, section, take);
  }

  properties(sections: readonly Section[]): Property[] {
    return sections.flatMap((section) => propertiesOf(this.source, section));
  }

  /** @throws RoleError `FileBroken` if a header is not UTF-8, because its profile would get a wrong name. */
  checkNames(): void {
    if (this.source.isUtf8) return;
    const { text } = this.source;
    for (const start of this.headers())
      if (!isUtf8Piece(text.slice(start, lineAt(text, start).end))) throw notUtf8At(this.source, start);
  }

  /** The start of each header's line. */
  *headers(): Generator<number> {
    const { text } = this.source;
    for (let start = nextHeader(this.source, startOf(text)); start >= 0 && start < text.length; ) {
      yield start;
      const next = text.indexOf("\n", start) + 1;
      start = next > 0 ? nextHeader(this.source, next) : -1;
    }
  }

  #find(kind: SectionKind, name: string): readonly number[] {
    // A text search is fastest for a few lookups, an index for many.
    this.#lookups++;
    if (this.#index || this.#lookups > 8) return this.#indexed()[kind].get(name) ?? [];
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
    if (this.#oddHeaders.length === 0) return found;
    // An odd header may begin like a plain one: `[profile x] /* note */`.
    return [...new Set([...found, ...this.#oddHeaders])].sort((one, other) => one - other);
  }

  #indexed(): Index {
    if (this.#index) return this.#index;
    const index: Index = {
      profile: new Map(),
      "bare default": new Map(),
      "sso-session": new Map(),
      services: new Map(),
    };
    this.#readHeaders((kind, name, start) => {
      const found = index[kind].get(name);
      if (found) found.push(start);
      else index[kind].set(name, [start]);
    });
    this.#index = index;
    return index;
  }

  /** Passes every named header to `take`. It allocates little: a file may have thousands of headers. */
  #readHeaders(take: (kind: SectionKind, name: string, start: number, end: number) => void): void {
    const { text } = this.source;
    for (let start = nextHeader(this.source, startOf(text)); start >= 0 && start < text.length; ) {
      const next = text.indexOf("\n", start) + 1;
      const header = next > 0 ? nextHeader(this.source, next) : -1;
      const end = header < 0 ? text.length : header;
      const plain = plainProfileName(text, start, this.kind);
      if (plain !== undefined) take("profile", plain, start, end);
      else {
        const name = readHeader(this.source, start, this.kind);
        if (name) take(name.kind, name.name, start, end);
      }
      start = end;
    }
  }
}

/** The starts of the headers, by kind and name. */
type Index = Readonly<Record<SectionKind, Map<string, number[]>>>;

/** The text between the brackets of a plain header. */
function titleOf(kind: SectionKind, name: string, file: FileKind): string {
  return file === "credentials" || kind === "bare default" ? name : `${kind} ${name}`;
}
