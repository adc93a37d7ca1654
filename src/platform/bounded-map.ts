/**
 * A map that keeps only its newest entries. `quick-lru` may keep twice its limit.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number;

  /** @param limit the most entries that it keeps */
  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  /** Makes the entry the newest one. */
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
