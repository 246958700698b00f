import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-store.ts';
import { wellFormedTraces } from './support/well-formed.ts';

const SAMPLES = process.env['AGENT_STRACE_SAMPLES'];
const available = SAMPLES !== undefined && existsSync(join(SAMPLES, 'claude'));
if (!available)
  process.stderr.write(
    'AGENT_STRACE_SAMPLES is not set: real recordings are not imported in this run\n',
  );

interface Figures {
  toolCalls: number;
  errors: number;
  input: number;
  output: number;
}

/** Reads the JSON without our code: every object of every line, glued ones too. */
function objectsOf(path: string): Record<string, any>[] {
  const objects: Record<string, any>[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    for (const part of line.replaceAll('}{', '}\n{').split('\n')) {
      try {
        objects.push(JSON.parse(part));
      } catch {
        // The naive counter ignores what it cannot read, as long as the whole line parses.
      }
    }
    try {
      objects.push(...(line.includes('}{') ? [JSON.parse(line)] : []));
    } catch {
      // Glued: its parts were taken above.
    }
  }
  return objects.filter((object) => typeof object === 'object' && object !== null);
}

/** Deliberately naive: one call per tool id, one response per message id with each counter's maximum. */
function naive(folder: string): Figures {
  const tools = new Set<string>();
  const denied = new Set<string>();
  const failed = new Set<string>();
  const usage = new Map<string, { input: number; output: number }>();
  for (const file of readdirSync(folder)) {
    for (const object of objectsOf(join(folder, file))) {
      const { message } = object;
      if (typeof message !== 'object' || message === null) continue;
      const blocks = Array.isArray(message.content) ? message.content : [];
      for (const block of blocks) {
        if (block?.type === 'tool_use') tools.add(block.id);
        if (block?.type !== 'tool_result') continue;
        const text = JSON.stringify(block.content ?? '');
        if (/doesn't want to (proceed|take)/.test(text)) denied.add(block.tool_use_id);
        else if (block.is_error === true && !/interrupted by user/i.test(text))
          failed.add(block.tool_use_id);
      }
      if (
        message.role !== 'assistant' ||
        message.usage === undefined ||
        message.model === '<synthetic>'
      )
        continue;
      const key = `${message.id ?? object['uuid']}/${object['requestId'] ?? ''}`;
      const before = usage.get(key) ?? { input: 0, output: 0 };
      const input =
        (message.usage.input_tokens ?? 0) +
        (message.usage.cache_read_input_tokens ?? 0) +
        (message.usage.cache_creation_input_tokens ?? 0);
      usage.set(key, {
        input: Math.max(before.input, input),
        output: Math.max(before.output, message.usage.output_tokens ?? 0),
      });
    }
  }
  const sum = (of: 'input' | 'output') =>
    [...usage.values()].reduce((total, tokens) => total + tokens[of], 0);
  return {
    toolCalls: [...tools].filter((id) => !denied.has(id)).length,
    errors: [...failed].filter((id) => !denied.has(id) && tools.has(id)).length,
    input: sum('input'),
    output: sum('output'),
  };
}

describe.skipIf(!available)(
  'real recordings of Claude Code, from import to list (AGENT_STRACE_SAMPLES)',
  () => {
    it('count as a naive second counter does', async () => {
      const db = join(temporaryFolder(), 'store.db');
      const folder = join(SAMPLES!, 'claude');
      expect((await runCli(['import', folder, '--db', db])).code).toBe(0);
      const { stdout } = await runCli(['list', '--limit', '1000', '--json', '--db', db]);
      const sessions = JSON.parse(stdout) as {
        tool_calls: number;
        errors: number;
        usage?: { input?: number; output?: number };
      }[];
      const listed = sessions.reduce<Figures>(
        (total, session) => ({
          toolCalls: total.toolCalls + session.tool_calls,
          errors: total.errors + session.errors,
          input: total.input + (session.usage?.input ?? 0),
          output: total.output + (session.usage?.output ?? 0),
        }),
        { toolCalls: 0, errors: 0, input: 0, output: 0 },
      );
      expect(listed).toEqual(naive(folder));
    });
  },
);

describe.skipIf(!available)('real recordings of every agent (AGENT_STRACE_SAMPLES)', () => {
  it('import without a crash and give well-formed traces', async () => {
    const db = join(temporaryFolder(), 'store.db');
    const imported = await runCli(['import', SAMPLES!, '--db', db]);
    expect([0, 3]).toContain(imported.code);
    for (const format of ['otlp', 'otlp-genai', 'langfuse']) {
      const { code, stdout } = await runCli(['export', '--all', '--format', format, '--db', db]);
      expect(code).toBe(0);
      expect(wellFormedTraces(stdout)).toEqual([]);
    }
  });
});
