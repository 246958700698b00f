import type { CheckResult, MetricCheck } from '../compare.ts';
import { forXml } from './escape.ts';
import { conclusion, explain } from './sentences.ts';

/** A JUnit report: one test case per metric; anomalous is a failure, not judged is skipped. */
export function renderCheckJunit(result: CheckResult): string {
  const count = (verdict: MetricCheck['verdict']): number =>
    result.metrics.filter((metric) => metric.verdict === verdict).length;
  const counts = `tests="${result.metrics.length}" failures="${count('anomalous')}" errors="${result.verdict === 'not_judged' ? 1 : 0}" skipped="${count('not_judged')}"`;
  const cases = result.metrics.map((metric) => caseOf(metric, result));
  const suite = forXml(`agent-strace baseline ${result.baseline}`);
  // Without this case, a report in which nothing was judged would look like a pass.
  const nothing =
    result.verdict === 'not_judged'
      ? `    <testcase classname="agent-strace.baseline" name="judged"><error message="${forXml(conclusion(result))}"/></testcase>\n`
      : '';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites ${withExtra(counts, nothing)}>\n`,
    `  <testsuite name="${suite}" ${withExtra(counts, nothing)}>\n`,
    `    <properties><property name="session" value="${forXml(result.sessionId)}"/></properties>\n`,
    ...cases,
    nothing,
    '  </testsuite>\n</testsuites>\n',
  ].join('');
}

function withExtra(counts: string, extra: string): string {
  if (extra === '') return counts;
  return counts.replace(/tests="(\d+)"/, (_all, tests: string) => `tests="${Number(tests) + 1}"`);
}

function caseOf(metric: MetricCheck, result: CheckResult): string {
  const open = `    <testcase classname="agent-strace.baseline" name="${forXml(metric.key)}"`;
  const message = forXml(explain(metric, result));
  if (metric.verdict === 'inside') return `${open}/>\n`;
  const element =
    metric.verdict === 'anomalous'
      ? `<failure type="anomalous" message="${message}"/>`
      : `<skipped message="${message}"/>`;
  return `${open}>${element}</testcase>\n`;
}
