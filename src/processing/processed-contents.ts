import type { Content } from '../session/operation.ts';
import type { ContentPolicy } from '../session/run-choices.ts';
import { applyPolicy } from './content-policy.ts';
import type { Counts, Redactor } from './redaction/redactor.ts';

interface Processed {
  readonly content: Content;
  readonly counts: Counts;
}

/** Characters of processed texts that are kept for messages which quote them soon after. */
const MAX_REMEMBERED = 4_000_000;
/** What an entry takes besides its text, in the same unit. */
const ENTRY = 1000;

/** Applies policy and redaction once per text: messages quote texts that tool calls and prompts have already shown. */
export class ProcessedContents {
  readonly #policy: ContentPolicy;
  readonly #redactor: Redactor;
  readonly #recent = new Map<string, Processed>();
  #remembered = 0;

  constructor(policy: ContentPolicy, redactor: Redactor) {
    this.#policy = policy;
    this.#redactor = redactor;
  }

  /**
   * The content as it may be shown. `read` is not called if the text was processed a moment ago; either way, what was
   * replaced is added to `counts`, so that the result is the same.
   */
  get(content: Content, counts: Counts, read: () => string | undefined): Content {
    let known = this.#recent.get(content.commitment);
    if (known === undefined) {
      known = this.#process(content, read());
      this.#remember(known);
    }
    for (const [rule, count] of known.counts) counts.set(rule, (counts.get(rule) ?? 0) + count);
    return known.content;
  }

  #process(content: Content, text: string | undefined): Processed {
    const counts: Counts = new Map();
    return { content: applyPolicy(content, this.#policy, this.#redactor, text, counts), counts };
  }

  #remember(known: Processed): void {
    const size = (known.content.text?.length ?? 0) + ENTRY;
    if (this.#remembered + size > MAX_REMEMBERED) {
      this.#recent.clear();
      this.#remembered = 0;
    }
    this.#remembered += size;
    this.#recent.set(known.content.commitment, known);
  }
}
