/** Text of an object in a document, known to be exactly what canonical JSON writes for it. */
export class CanonicalObject {
  readonly text: string;
  readonly #spans: readonly number[];
  readonly #start: number;

  /** `spans` are those returned by `scanCanonical` for a text in which the object begins at `start`. */
  constructor(text: string, spans: readonly number[], start: number) {
    this.text = text;
    this.#spans = spans;
    this.#start = start;
  }

  /** The parsed object. It has a prototype, so look up names from the document as own members. */
  parse(): unknown {
    return JSON.parse(this.text);
  }

  /** Canonical text of a member; undefined when there is no member of this name. */
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
