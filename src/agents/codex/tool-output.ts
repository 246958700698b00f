import { integerOf, listOf, objectOf, parsedJson, textOf } from '../json-values.ts';

export interface ToolOutput {
  readonly text: string;
  readonly exitCode?: number | undefined;
  readonly durationMicros?: number | undefined;
  readonly outcome: 'ok' | 'error' | 'denied' | 'interrupted';
}

const HEAD = 600;
const EXIT = /^(?:Exit code:|Process exited with code) (-?\d{1,10})$/m;
const WALL = /^Wall time: (\d{1,9}(?:\.\d{1,9})?) seconds?$/m;
const DENIED =
  /^(?:(?:exec command |command |patch |tool call )?(?:was )?(?:rejected|declined|denied) by (?:the )?user|user (?:rejected|cancelled|declined) MCP tool call|\w{1,40} failed\b.{0,400}\brejected by user\b)/i;
const INTERRUPTED = /^aborted(?: by user)?\b/i;

/** Output of a call as the model was given it: a string, parts, or an object around either. */
export function readOutput(output: unknown): ToolOutput {
  const object = objectOf(output);
  const text = textOfOutput(
    object === undefined ? output : (object.content ?? object.output ?? object),
  );
  const wrapped =
    text.startsWith('{') && text.length < 8_000_000 ? objectOf(parsedJson(text)) : undefined;
  const metadata = objectOf(wrapped?.metadata);
  const head = headOf(textOf(wrapped?.output) ?? text);
  const written = EXIT.exec(head)?.[1];
  const exitCode =
    integerOf(metadata?.exit_code) ?? (written === undefined ? undefined : Number(written));
  const seconds = metadata?.duration_seconds ?? Number(WALL.exec(head)?.[1] ?? Number.NaN);
  const micros = typeof seconds === 'number' ? integerOf(seconds * 1_000_000) : undefined;
  return {
    text,
    exitCode,
    durationMicros: micros,
    outcome: outcomeOf(head, exitCode, object?.isError === true ? false : object?.success),
  };
}

/** The lines in which Codex speaks about the run, before the run's own output. */
function headOf(text: string): string {
  const head = text.slice(0, HEAD);
  const output = head.indexOf('\nOutput:');
  return output === -1 ? head.split('\n', 4).join('\n') : head.slice(0, output);
}

function outcomeOf(
  head: string,
  exitCode: number | undefined,
  success: unknown,
): ToolOutput['outcome'] {
  if (exitCode !== undefined) return exitCode === 0 ? 'ok' : 'error';
  if (DENIED.test(head)) return 'denied';
  if (INTERRUPTED.test(head)) return 'interrupted';
  return success === false ? 'error' : 'ok';
}

function textOfOutput(output: unknown): string {
  if (typeof output === 'string') return output;
  if (!Array.isArray(output))
    return output === undefined || output === null ? '' : JSON.stringify(output);
  const parts: string[] = [];
  for (const part of listOf(output)) parts.push(textOf(objectOf(part)?.text) ?? '');
  return parts.join('\n');
}

/** A recorded duration: `{secs, nanos}`, or milliseconds as a number. */
export function microsOfDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return integerOf(value * 1000);
  const object = objectOf(value);
  if (object === undefined) return undefined;
  const seconds = object.secs;
  const nanos = object.nanos;
  if (typeof seconds !== 'number') return undefined;
  return integerOf(seconds * 1_000_000 + (typeof nanos === 'number' ? nanos / 1000 : 0));
}
