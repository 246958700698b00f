import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Line = Record<string, unknown>;

/** A made-up Claude Code transcript: a prompt, then one tool call for each input and output, then a reply. */
export interface InventedRecording {
  readonly id: string;
  readonly prompt: string;
  readonly calls?: readonly {
    readonly input: unknown;
    readonly output: string;
    readonly failed?: boolean;
  }[];
  /** A day in ISO form; the session starts at noon. */
  readonly day?: string;
}

/** Writes the transcript where the agent would have put it; returns the folder to import. */
export function writeInventedRecording(home: string, recording: InventedRecording): string {
  const folder = join(home, '.claude/projects/-home-dev-shop');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${recording.id}.jsonl`),
    linesOf(recording)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  return folder;
}

function linesOf({ id, prompt, calls = [], day = '2026-04-02' }: InventedRecording): Line[] {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const lines: Line[] = [];
  const add = (type: string, message: Line) => {
    const timestamp = new Date(noon + lines.length * 100).toISOString();
    lines.push({
      type,
      uuid: `${id.slice(0, 8)}-${lines.length}`,
      parentUuid: null,
      isSidechain: false,
      sessionId: id,
      cwd: '/home/dev/shop',
      version: '2.1.270',
      timestamp,
      message,
    });
  };
  const assistant = (block: Line, stop: string) =>
    add('assistant', {
      id: `msg_${id.slice(0, 8)}_${lines.length}`,
      role: 'assistant',
      model: 'claude-opus-4-6',
      content: [block],
      stop_reason: stop,
      usage: { input_tokens: 50, output_tokens: 7 },
    });
  add('user', { role: 'user', content: prompt });
  for (const [n, { input, output, failed = false }] of calls.entries()) {
    const callId = `toolu_${id.slice(0, 8)}_${n}`;
    assistant({ type: 'tool_use', id: callId, name: 'Bash', input }, 'tool_use');
    add('user', {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: callId, content: output, is_error: failed }],
    });
  }
  assistant({ type: 'text', text: 'Done.' }, 'end_turn');
  return lines;
}
