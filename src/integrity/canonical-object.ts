/** The text of an object in a document, proven to be what canonical JSON writes for it. */
export class CanonicalObject {
  readonly text: string;
  readonly #spans: readonly number[];
  readonly #start: number;

  /** `spans` are those of `scanCanonical`, for a text in which the object begins at `start`. */
  constructor(text: string, spans: readonly number[], start: number) {
    this.text = text;
    this.#spans = spans;
    this.#start = start;
  }

  /** The object. It has a prototype: members with names from the document are to be looked up as own ones. */
  parse(): unknown {
    return JSON.parse(this.text);
  }

  /** Canonical text of a member; undefined when there is none of this name. */
  memberText(name: string): string | undefined {
    const quoted = `"${name}":`;
    for (let span = 0; span < this.#spans.length; span += 3) {
      const key = this.#spans[span]! - this.#start;
      const value = this.#spans[span + 1]! - this.#start;
      if (value - key !== quoted.length || !this.text.startsWith(quoted, key)) continue;
      return this.text.slice(value, this.#spans[span + 2]! - this.#start);
    }
    return undefined;
  }
}
