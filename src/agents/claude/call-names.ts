import { remember } from '../bounded.ts';
import { entries } from '../saved-state.ts';

/** How many calls an id has named so far, and the key of the LLM call that requested the last of them. */
interface Uses {
  readonly count: number;
  readonly llm: string;
}

const MOST_IDS = 256;

/**
 * Names of tool calls. An id normally names one call, but some gateways restart counting in every answer: if an id
 * comes again from another answer and its previous call has a result, it names another call, `<id>/2`.
 */
export class CallNames {
  readonly #uses: Map<string, Uses>;

  constructor(saved: unknown) {
    this.#uses = entries(saved);
  }

  /** Name of the call that the answer `llm` requests. `waiting`: the id's last call has no result yet. */
  name(lane: string, id: string, llm: string, waiting: boolean): string {
    const key = `${lane}\n${id}`;
    const last = this.#uses.get(key);
    const isSame = last !== undefined && (last.llm === llm || waiting);
    const uses = isSame ? last : { count: (last?.count ?? 0) + 1, llm };
    remember(this.#uses, key, uses, MOST_IDS);
    return nameOf(id, uses);
  }

  /** Name of the last call that used the id. */
  last(lane: string, id: string): string {
    return nameOf(id, this.#uses.get(`${lane}\n${id}`));
  }

  /** Lane of the last call that used the id: `lane` if it has one, or if none is known. */
  laneOf(lane: string, id: string): string {
    if (this.#uses.has(`${lane}\n${id}`)) return lane;
    const key = [...this.#uses.keys()].findLast((use) => use.endsWith(`\n${id}`));
    return key?.slice(0, -id.length - 1) ?? lane;
  }

  /** Entries for the saved state. */
  toList(): readonly [string, unknown][] {
    return [...this.#uses];
  }
}

/** An id counted by a gateway rather than given by the API: many sessions share it. */
const COUNTED = /^(?!(?:srv)?toolu_)\D*\d{1,6}(?:\/\d+)?$/;

/**
 * Key that identifies copies of a call or its result in other sessions; undefined if only the key of its line can.
 * `llm`: the answer that requested it, if known.
 */
export function ownKeyOf(called: string, llm: string | undefined): string | undefined {
  if (!COUNTED.test(called)) return `claude:tool:${called}`;
  return llm === undefined ? undefined : `claude:tool:${called}@${llm}`;
}

function nameOf(id: string, uses: Uses | undefined): string {
  return uses === undefined || uses.count === 1 ? id : `${id}/${uses.count}`;
}
