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
    const source = sourceOf(file, content);
    const { oddHeaders, indentedHeaders } = checkStructure(source);
    this.source =
      indentedHeaders.length === 0 ? source : { ...source, headers: allHeaders(source.text, indentedHeaders) };
    this.kind = kind;
    this.#oddHeaders = oddHeaders;
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
    return this.#headersOf(kind, name).map((start) => sectionAt(this.source, start));
  }

  /**
   * Reads all profiles in the order of the file, section by section, as {@link profileSections} finds them by name.
   * @param begin told of each section the name
   * @param take told then its keys and values
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

  /** Key → value of all these sections together, the last of two equal keys; keys that AWS's rules do not allow are left out. */
  values(sections: readonly Section[]): Map<string, string> {
    const values = new Map<string, string>();
    this.readValues(sections, (key, value) => {
      if (allowedName.test(key)) values.set(key, value);
    });
    return values;
  }

  /** As {@link values} tells them one after another: of two equal keys the last one counts. */
  readValues(sections: readonly Section[], take: (key: string, value: string) => void): void {
    for (const section of sections) readValues(this.source, section, take);
  }

  properties(sections: readonly Section[]): Property[] {
    return sections.flatMap((section) => propertiesOf(this.source, section));
  }

  /** @throws RoleError `FileBroken` when a header is not UTF-8: its profile would be missing, or have another name. */
  checkNames(): void {
    if (this.source.isUtf8) return;
    const { text } = this.source;
    for (const start of this.headers())
      if (!isUtf8Piece(text.slice(start, lineAt(text, start).end))) throw notUtf8At(this.source, start);
  }

  /** Where the line of each header starts. */
  *headers(): Generator<number> {
    const { text } = this.source;
    for (let start = nextHeader(this.source, startOf(text)); start >= 0 && start < text.length; ) {
      yield start;
      const next = text.indexOf("\n", start) + 1;
      start = next > 0 ? nextHeader(this.source, next) : -1;
    }
  }

  #headersOf(kind: SectionKind, name: string): readonly number[] {
    if (this.#latest?.name !== name || this.#latest.kind !== kind)
      this.#latest = { kind, name, headers: this.#find(kind, name) };
    return this.#latest.headers;
  }

  #find(kind: SectionKind, name: string): readonly number[] {
    // A search finds one section soonest; an index pays when many are asked for.
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
    return this.#oddHeaders.length === 0 ? found : found.concat(this.#oddHeaders).sort((one, other) => one - other);
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

  /** As few objects as possible: there may be thousands, and to collect them would take as long as to read. */
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

/** Where the headers of each kind and name stand. */
type Index = Readonly<Record<SectionKind, Map<string, number[]>>>;

/** What stands in the brackets of a plain header. */
function titleOf(kind: SectionKind, name: string, file: FileKind): string {
  return file === "credentials" || kind === "bare default" ? name : `${kind} ${name}`;
}
