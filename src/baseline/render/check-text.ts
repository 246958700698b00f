import type { CheckResult, MetricCheck, Verdict } from '../compare.ts';
import { forMarkdown, forTerminal } from './escape.ts';
import { shownValue, shownZ } from './numbers.ts';
import { conclusion, explain, method } from './sentences.ts';
import { markdownTable, textTable } from './table.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  inside: 'ok',
  anomalous: 'ANOMALOUS',
  not_judged: 'not judged',
};

/** A table for the terminal. */
export function renderCheckText(result: CheckResult): string {
  const notJudged = result.metrics
    .filter((metric) => metric.verdict === 'not_judged')
    .map((metric) => `  ${explain(metric, result)}\n`);
  return [
    `session ${forTerminal(result.sessionId)}, baseline ${forTerminal(result.baseline)}\n`,
    `${method(result)}\n\n`,
    `${textTable(tableOf(result))}\n\n`,
    ...notJudged,
    `${conclusion(result)}\n`,
  ].join('');
}

/** A section for a pull request comment or a job summary. */
export function renderCheckMarkdown(result: CheckResult): string {
  const [header, ...rows] = tableOf(result);
  const marked = rows.map((row, index) =>
    result.metrics[index]?.verdict === 'anomalous' ? row.map((cell) => `**${cell}**`) : row,
  );
  return [
    `### Behaviour ${conclusion(result)}\n`,
    `\nSession ${forMarkdown(result.sessionId)}, baseline ${forMarkdown(result.baseline)}; ${method(result)}.\n\n`,
    `${markdownTable([header as string[], ...marked])}\n`,
  ].join('');
}

function tableOf(result: CheckResult): string[][] {
  const middle = result.robust ? 'median' : 'mean';
  return [
    ['metric', 'value', middle, result.robust ? 'scaled MAD' : 'sd', 'z', 'n', 'verdict'],
    ...result.metrics.map((metric) => rowOf(metric, result.robust)),
  ];
}

function rowOf(metric: MetricCheck, robust: boolean): string[] {
  const { unit, statistics } = metric;
  const center = metric.center ?? (robust ? statistics?.median : statistics?.mean);
  const title = unit === '{USD}' ? `${metric.title} (USD)` : metric.title;
  return [
    unit === 's' ? `${title} (s)` : title,
    shownValue(metric.value, unit),
    shownValue(center, unit),
    shownValue(metric.spread, unit),
    shownZ(metric.z),
    String(metric.n),
    WORDS[metric.verdict],
  ];
}
