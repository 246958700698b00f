import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolCallOperation } from '../../src/session/operation.ts';
import { answered, said } from '../ingest/importing.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { type HookedAgent, hookedAgent, only, SESSION } from './driver.ts';

const SECOND = 1_000_000;
const at = (second: number) => `2026-09-14T10:00:${String(second).padStart(2, '0')}.000Z`;
const microsAt = (second: number) => Date.parse(at(second)) * 1000;
const LS = { tool_name: 'Bash', tool_input: { command: 'ls' } };

describe('what a hook reports only afterwards', () => {
  it('leaves the times of a call to the transcript that knows them', async () => {
    const agent = hookedAgent({ prompt_id: 'prompt-1', cwd: '/srv/shop' });
    const asked = { type: 'tool_use', id: 'call-1', name: 'Bash', input: LS.tool_input };
    const refused = { type: 'tool_result', tool_use_id: 'call-1', is_error: true };
    const words = 'Permission to use Bash has been denied.';
    await imported(agent, join('.claude/projects/p', `${SESSION}.jsonl`), [
      said(SESSION, 'u1', 'Go', { timestamp: at(0), promptId: 'prompt-1' }),
      answered(SESSION, 'a1', '', { timestamp: at(2), message: blocks('assistant', asked) }),
      said(SESSION, 'u2', '', {
        timestamp: at(3),
        message: blocks('user', { ...refused, content: words }),
      }),
    ]);
    await agent.hook('PostToolBatch', { tool_calls: [{ ...LS, tool_use_id: 'call-1' }] });
    const call = only(await agent.show(), 'tool_call');
    expect(call).toMatchObject({ outcome: 'denied', captures: ['hook', 'transcript'] });
    expect(timesOf(call)).toEqual([microsAt(2), microsAt(3)]);
  });

  it('does not say when a call began whose duration is known', async () => {
    const agent = hookedAgent({ prompt_id: 'prompt-1' });
    const call = { ...LS, tool_use_id: 'call-1' };
    await agent.hook('PostToolUse', { ...call, tool_response: 'x', duration_ms: 40 });
    await agent.hook('PostToolBatch', { tool_calls: [{ ...call, tool_response: 'x' }] });
    const [start, end] = timesOf(only(await agent.show(), 'tool_call'));
    expect(end - start).toBe(40_000);
  });

  it('leaves the beginning of a call of Codex to the rollout', async () => {
    const agent = hookedAgent({ turn_id: 'turn-1' });
    const line = (second: number, type: string, payload: object) =>
      JSON.stringify({ timestamp: at(second), type, payload });
    const asked = { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'call-1' };
    await imported(agent, `.codex/sessions/rollout-2026-09-14T10-00-00-${SESSION}.jsonl`, [
      line(0, 'session_meta', { id: SESSION, cwd: '/srv/shop', source: 'cli' }),
      line(1, 'event_msg', { type: 'task_started', turn_id: 'turn-1' }),
      line(2, 'response_item', asked),
    ]);
    const call = { ...LS, tool_use_id: 'call-1', tool_response: 'x' };
    await agent.hook('PostToolUse', call, ['--agent', 'codex']);
    const [start, end] = timesOf(only(await agent.show(), 'tool_call'));
    expect(start).toBe(microsAt(2));
    expect(end).toBeGreaterThan(start + SECOND);
  });
});

const blocks = (role: string, block: object) => ({ id: 'msg-1', role, content: [block] });

function timesOf({ startMicros, endMicros }: ToolCallOperation): [number, number] {
  return [startMicros, endMicros];
}

async function imported(agent: HookedAgent, name: string, lines: readonly string[]) {
  const path = join(temporaryFolder(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`);
  expect(await runCli(['import', path], { env: agent.env })).toMatchObject({ code: 0 });
}
