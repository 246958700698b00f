import type { CheckResult, Verdict } from '../compare.ts';
import { forTerminal, forWorkflowMessage, forWorkflowProperty } from './escape.ts';
import { conclusion, explain, method } from './sentences.ts';

const COMMANDS: Readonly<Record<Verdict, string>> = {
  anomalous: 'error',
  not_judged: 'warning',
  inside: 'notice',
};

/** GitHub workflow commands: one annotation for each metric that is not inside, and one for the overall result. */
export function renderCheckGithub(result: CheckResult): string {
  const session = `session ${forTerminal(result.sessionId)}, baseline ${forTerminal(result.baseline)}`;
  const lines = result.metrics
    .filter((metric) => metric.verdict !== 'inside')
    .map((metric) => {
      const title = `agent-strace: ${metric.title.toLowerCase()}`;
      return command(metric.verdict, title, `${explain(metric, result)}\n${session}`);
    });
  const whole = `${session}\n${method(result)}`;
  // If nothing was judged, the step fails, so its last line is an error too.
  const verdict = result.verdict === 'not_judged' ? 'anomalous' : result.verdict;
  lines.push(command(verdict, `agent-strace: ${conclusion(result)}`, whole));
  return `${lines.join('\n')}\n`;
}

function command(verdict: Verdict, title: string, message: string): string {
  return `::${COMMANDS[verdict]} title=${forWorkflowProperty(title)}::${forWorkflowMessage(message)}`;
}
