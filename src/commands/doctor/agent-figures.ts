import type { Places } from '../../agents/places.ts';
import type { ExaminedAgent } from './examine.ts';
import { isoOf } from './finding.ts';
import type { FoundHooks } from './hooks.ts';
import { anonymousPath } from './places.ts';
import { dialectSums, newestOf, shapesOf, understoodShare } from './sums.ts';

const MOST_SHAPES = 20;
/**
 * Names of formats look like this: short words of letters, at most a number at the end. Anything else might be
 * content.
 */
const FORMAT_WORD = /^[A-Za-z]?[a-z][A-Za-z]{0,23}\d{0,2}$/;

/** The findings as figures for a bug report: no content, no file names, nothing about the user. */
export function agentFigures(found: ExaminedAgent, hooks: FoundHooks, where: Places) {
  const { agent, places, examined, strangers, empty, refused } = found;
  const show = (path: string) => anonymousPath(path, where.home, where.env);
  const failures: Record<string, number> = {};
  for (const { examination } of examined) {
    const { failure } = examination;
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
  }
  return {
    agent: agent.name,
    places: places.map(({ path, exists, files }) => ({ place: show(path), exists, files })),
    foldersNotListed: refused.length,
    files: {
      found: places.reduce((total, { files }) => total + files, 0),
      lookedInto: examined.length,
      cut: examined.filter(({ examination }) => examination.cut).length,
      empty,
      notRecognised: strangers.length,
    },
    dialects: dialectSums(examined).map((sums) => ({
      ...sums,
      understoodPercent: understoodShare(sums) ?? null,
    })),
    unknownShapes: shapesOf(examined)
      .slice(0, MOST_SHAPES)
      .map(([shape, times]) => ({ shape: formatName(shape), times })),
    failures,
    newestRecord: isoOf(newestOf(examined)) ?? null,
    hooks: { state: hooks.state, scope: hooks.scope ?? null },
  };
}

function formatName(shape: string): string {
  const words = shape.split(/[-_.:/=, ]+/);
  const isName = shape.length <= 80 && words.every((word) => FORMAT_WORD.test(word));
  return isName ? shape : 'odd-name';
}
