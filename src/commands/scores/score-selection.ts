import { matchesScore, parseScoreFilter } from '../../metrics/score-filter.ts';
import { listAnnotations } from '../../store/annotations.ts';
import type { Store } from '../../store/open-store.ts';
import type { CommandContext } from '../command.ts';

/**
 * The store's numbers of the traces that `--score` selects: each condition holds for at least one score of the trace.
 * Undefined without `--score`.
 */
export function scoredRoots(
  context: CommandContext,
  store: Store,
): ReadonlySet<number> | undefined {
  const conditions = (context.options['score'] as readonly string[] | undefined) ?? [];
  let roots: Set<number> | undefined;
  for (const filter of conditions.map(parseScoreFilter)) {
    const matching = listAnnotations(store, filter.name).filter((score) =>
      matchesScore(filter, score),
    );
    const found = new Set(matching.map(({ root }) => root));
    roots = roots === undefined ? found : new Set([...roots].filter((root) => found.has(root)));
  }
  return roots;
}
