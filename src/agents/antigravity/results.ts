import type { Verdict } from '../agent.ts';
import { plainContent } from '../drafts.ts';
import { entryOf, integerOf, labelOf, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { type Scene, state } from './scene.ts';
import type { OpenCall, RunningCall } from './state.ts';
import { addInput, MAX_OPEN, WRITING } from './steps.ts';
import { linkSubagents } from './subagents.ts';

const HEAD = 600;
const EXIT =
  /^[ \t]*The command (?:exited|completed|failed|finished) with (?:exit )?code:? (-?\d{1,10})\.?$/im;
const COMPLETED = /^Completed At: (\S{1,40})$/m;
const TASK = /^Tool is running as a background task with task id: (\S{1,200})$/m;
const OUTCOMES: Readonly<Record<string, string>> = {
  DONE: 'ok',
  COMPLETED: 'ok',
  SUCCESS: 'ok',
  ERROR: 'error',
  FAILED: 'error',
  CANCELED: 'interrupted',
  CANCELLED: 'interrupted',
  INTERRUPTED: 'interrupted',
  REJECTED: 'denied',
  DENIED: 'denied',
};
const UNFINISHED = new Set(['PENDING', 'GENERATING', 'WAITING']);
/** Steps whose type differs from the names of their tools. */
const TOOLS: Readonly<Record<string, ReadonlySet<string>>> = {
  CODE_ACTION: WRITING,
  FIND: new Set(['find_by_name']),
  LIST_DIRECTORY: new Set(['list_dir']),
  MCP_TOOL: new Set(['call_mcp_tool']),
};

/** A step in which a tool ran: the result of the oldest open call of that tool, else of the oldest open call. */
export function readResult(scene: Scene, type: string): Verdict {
  const { state: now, step, index } = scene;
  const status = labelOf(step.status, 60)?.toUpperCase() ?? 'DONE';
  if (UNFINISHED.has(status)) return 'ignored';
  const text = textOf(step.content);
  const launched = now.running?.find((one) => one.index === index);
  const key = launched?.key ?? takenCall(scene, type);
  if (status === 'RUNNING') return readLaunch(scene, { key, index, task: taskIn(text) }, text);
  now.running = now.running?.filter((one) => one !== launched);
  const exit = integerOf(step.exit_code);
  const place = `result/${index}`;
  stateResult(scene, { key, place, outcome: entryOf(OUTCOMES, status), exit }, text);
  return 'parsed';
}

/** A background call is over for the model at once; a call that still runs otherwise has no result yet. */
function readLaunch(scene: Scene, call: RunningCall, text: string | undefined): Verdict {
  const { state: now, index } = scene;
  const others = now.running?.filter((one) => one.index !== index) ?? [];
  now.running = [...others.slice(1 - MAX_OPEN), call];
  if (call.task === undefined) return 'ignored';
  stateResult(scene, { key: call.key, place: `launch/${index}`, outcome: 'ok' }, text);
  return 'parsed';
}

/** The call that a step is the result of; it is no longer open. */
function takenCall(scene: Scene, type: string): string {
  const { state: now, index } = scene;
  const tools = entryOf(TOOLS, type);
  const isOfType = ({ name }: OpenCall) => name.toUpperCase() === type || tools?.has(name) === true;
  const call = now.open.find(isOfType) ?? now.open[0];
  now.open = now.open.filter((one) => one !== call);
  if (call !== undefined) {
    linkSubagents(scene, call);
    return call.key;
  }
  const key = `tool:step-${index}`;
  const facts = { name: type.toLowerCase(), tool_type: 'function' };
  state(scene, 'tool_call', key, `step-${index}/call`, facts);
  return key;
}

interface Result {
  readonly key: string;
  readonly place: string;
  readonly outcome: string | undefined;
  readonly exit?: number | undefined;
}

function stateResult(scene: Scene, result: Result, text: string | undefined): void {
  const exit = result.exit ?? exitIn(text);
  const failed = result.outcome === 'ok' && exit !== undefined && exit !== 0;
  const outcome = failed ? 'error' : result.outcome;
  const facts = {
    outcome,
    error_type: outcome === 'error' ? (exit === undefined ? 'tool_error' : 'exit_code') : undefined,
    exit_code: exit,
  };
  const ended = { ...scene, atMicros: Math.max(scene.atMicros, completedIn(text) ?? 0) };
  state(ended, 'tool_result', result.key, result.place, facts, [
    plainContent(outcome === 'error' && exit === undefined ? 'error' : 'output', text),
  ]);
  addInput(ended, `tool:${result.key}`);
}

function headOf(text: string | undefined): string {
  return text?.slice(0, HEAD) ?? '';
}

function taskIn(text: string | undefined): string | undefined {
  return TASK.exec(headOf(text))?.[1];
}

function exitIn(text: string | undefined): number | undefined {
  const code = EXIT.exec(headOf(text))?.[1];
  return code === undefined ? undefined : Number(code);
}

/** When the step completed; the step's own time is that of its start. */
function completedIn(text: string | undefined): number | undefined {
  return microsOfIso(COMPLETED.exec(headOf(text))?.[1]);
}

/** The result of a background call, as a message reports it. */
export function readTaskEnd(scene: Scene, { key }: RunningCall, text: string): Verdict {
  const { state: now, index } = scene;
  now.running = now.running?.filter((one) => one.key !== key);
  stateResult(scene, { key, place: `result/${index}`, outcome: 'ok' }, text);
  return 'parsed';
}

/** What failed: the oldest open call, of whichever tool, else the model or the program. */
export function readError(scene: Scene): Verdict {
  const { state: now, step, index } = scene;
  const text = textOf(step.content);
  const [call, ...others] = now.open;
  if (call !== undefined) {
    now.open = others;
    stateResult(scene, { key: call.key, place: `result/${index}`, outcome: 'error' }, text);
    return 'parsed';
  }
  state(scene, 'notice', `notice:${index}`, `step-${index}`, { name: 'error', level: 'error' }, [
    plainContent('error', text),
  ]);
  return 'parsed';
}
