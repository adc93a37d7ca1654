/** A map that keeps only its newest entries. `quick-lru` may keep twice its limit. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number;

  /** @param limit the maximum number of entries */
  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  /** Adds or updates the entry and makes it the newest. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#limit) {
      for (const oldest of this.keys()) {
        this.delete(oldest);
        break;
      }
    }
    return this;
  }
}
