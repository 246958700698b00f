import { entries, remember } from '../bounded.ts';

/** How many calls an id named so far, and the key of the LLM call that asked for the last of them. */
interface Uses {
  readonly count: number;
  readonly llm: string;
}

const MOST_IDS = 256;

/**
 * What tool calls are called. An id names one call, but some gateways count anew in every answer: an id that comes again
 * from another answer, when its call has its result, names another call, `<id>/2`.
 */
export class CallNames {
  readonly #uses: Map<string, Uses>;

  constructor(saved: unknown) {
    this.#uses = entries(saved);
  }

  /** Name of the call that the answer `llm` asks for. `waiting`: the id's last call has no result yet. */
  name(lane: string, id: string, llm: string, waiting: boolean): string {
    const key = `${lane}\n${id}`;
    const last = this.#uses.get(key);
    const isSame = last !== undefined && (last.llm === llm || waiting);
    const uses = isSame ? last : { count: (last?.count ?? 0) + 1, llm };
    remember(this.#uses, key, uses, MOST_IDS);
    return nameOf(id, uses);
  }

  /** Name of the last call that the id named. */
  last(lane: string, id: string): string {
    return nameOf(id, this.#uses.get(`${lane}\n${id}`));
  }

  /** For the saved state. */
  toList(): readonly [string, unknown][] {
    return [...this.#uses];
  }
}

/** An id that a gateway counted, and none of the API's own: many sessions have it. */
const COUNTED = /^(?!(?:srv)?toolu_)\D*\d{1,6}(?:\/\d+)?$/;

/**
 * Key by which a copy of a call or of its result in another session is recognised; undefined where only that of its line
 * can tell. `llm`: the answer that asked for it, as far as that is known.
 */
export function ownKeyOf(called: string, llm: string | undefined): string | undefined {
  if (!COUNTED.test(called)) return `claude:tool:${called}`;
  return llm === undefined ? undefined : `claude:tool:${called}@${llm}`;
}

function nameOf(id: string, uses: Uses | undefined): string {
  return uses === undefined || uses.count === 1 ? id : `${id}/${uses.count}`;
}
