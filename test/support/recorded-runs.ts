import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a made-up run of Claude Code does; each part has its usual size where nothing is said. */
export interface RunSketch {
  /** Distinguishes runs: decides the session id and the day. */
  readonly number: number;
  readonly toolCalls?: number;
  /** How many of the calls fail. */
  readonly errors?: number;
  /** Seconds from the first to the last line. */
  readonly seconds?: number;
  readonly outputTokens?: number;
  /** Files that are written, one call each. */
  readonly files?: number;
  /** Shell commands that are run beside. */
  readonly commands?: readonly string[];
  readonly model?: string;
  readonly cwd?: string;
  /** First line at this time, milliseconds since the epoch; else one a day. */
  readonly startMillis?: number;
  /** The last turn has not ended. */
  readonly open?: boolean;
}

const FIRST_DAY = Date.UTC(2026, 0, 1, 8);
const DAY = 86_400_000;

export function runId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** Writes the run as a transcript into the folder and returns its session id. */
export function writeRun(folder: string, sketch: RunSketch): string {
  const id = runId(sketch.number);
  const lines = transcript(id, sketch).map((line) => JSON.stringify(line));
  writeFileSync(join(folder, `${id}.jsonl`), `${lines.join('\n')}\n`);
  return id;
}

function* inputs(sketch: RunSketch): Generator<{ name: string; input: object }> {
  const { toolCalls = 6, files = 2, commands = [] } = sketch;
  for (let i = 0; i < toolCalls; i++) {
    yield i < files
      ? { name: 'Write', input: { file_path: `/home/dev/shop/src/file-${i}.ts`, content: 'x' } }
      : { name: 'Grep', input: { pattern: `word-${i}` } };
  }
  for (const command of commands) yield { name: 'Bash', input: { command } };
}

function transcript(id: string, sketch: RunSketch): object[] {
  const { number, errors = 0, seconds = 60, outputTokens = 1000, open = false } = sketch;
  const calls = [...inputs(sketch)];
  const start = sketch.startMillis ?? FIRST_DAY + number * DAY;
  const step = (seconds * 1000) / (2 * calls.length + 1);
  let line = 0;
  const common = (type: string, role: string, message: object) => ({
    parentUuid: line === 0 ? null : `${id}/${line - 1}`,
    isSidechain: false,
    sessionId: id,
    cwd: sketch.cwd ?? '/home/dev/shop',
    version: '2.1.270',
    type,
    uuid: `${id}/${line}`,
    timestamp: new Date(start + Math.round(line++ * step)).toISOString(),
    message: { role, ...message },
  });
  const reply = (content: object, stop: string) =>
    common('assistant', 'assistant', {
      id: `msg-${number}-${line}`,
      model: sketch.model ?? 'claude-opus-4-6',
      content: [content],
      stop_reason: stop,
      usage: { input_tokens: 100, output_tokens: Math.round(outputTokens / (calls.length + 1)) },
    });
  const lines: object[] = [common('user', 'user', { content: 'Do the nightly job.' })];
  for (const [index, { name, input }] of calls.entries()) {
    const callId = `toolu-${number}-${index}`;
    lines.push(reply({ type: 'tool_use', id: callId, name, input }, 'tool_use'));
    // Those at the end fail, so that writes come to their end.
    const failed = index >= calls.length - errors;
    const result = {
      type: 'tool_result',
      tool_use_id: callId,
      content: failed ? 'it broke' : 'done',
      is_error: failed,
    };
    lines.push(common('user', 'user', { content: [result] }));
  }
  lines.push(
    open
      ? reply({ type: 'tool_use', id: `toolu-${number}-open`, name: 'Grep', input: {} }, 'tool_use')
      : reply({ type: 'text', text: 'Done.' }, 'end_turn'),
  );
  return lines;
}
