import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { hookedAgent, only, SESSION } from './driver.ts';

const CHILD = '7c0a6a52-41d7-4c3e-9a52-7f1d2c3b4a62';

describe('hooks of Codex', () => {
  const codex = (common: Record<string, unknown> = {}) =>
    hookedAgent({ cwd: '/srv/shop', turn_id: 'turn-1', ...common });
  const as = ['--agent', 'codex'];

  it('record turns and calls under the ids of the rollout', async () => {
    const agent = codex();
    const call = { tool_name: 'Bash', tool_input: { command: 'ls -l' }, tool_use_id: 'call-1' };
    await agent.hook('SessionStart', { source: 'startup', model: 'gpt-5' }, as);
    await agent.hook('UserPromptSubmit', { prompt: 'List them' }, as);
    await agent.hook('PreToolUse', call, as);
    await agent.hook(
      'PermissionRequest',
      { tool_name: 'Bash', tool_input: { command: 'ls -l' } },
      as,
    );
    await agent.hook('PostToolUse', { ...call, tool_response: 'a.txt' }, as);
    await agent.hook('Stop', { last_assistant_message: 'Done.' }, as);
    const told = await agent.show();
    expect(told.head.agentId).toBe('codex');
    const turn = only(told, 'turn');
    expect(turn.outcome).toBe('completed');
    expect(only(told, 'tool_call')).toMatchObject({
      parentId: turn.id,
      callId: 'call-1',
      executable: 'ls',
      unfinished: false,
    });
    expect(only(told, 'permission')).toMatchObject({ decision: 'allow', toolCallId: 'call-1' });
    expect(told.operations.filter((operation) => operation.kind === 'prompt')).toEqual([]);
  });

  it('put a subagent’s thread into the trace of the session that started it', async () => {
    const agent = codex();
    const folder = temporaryFolder();
    const rollout = join(folder, `rollout-2026-09-14T10-00-00-${CHILD}.jsonl`);
    const meta = {
      id: CHILD,
      session_id: SESSION,
      source: { subagent: { thread_spawn: { parent_thread_id: SESSION, depth: 1 } } },
    };
    writeFileSync(
      rollout,
      `${JSON.stringify({ type: 'session_meta', payload: meta })}\n${'x'.repeat(100)}`,
    );
    await agent.hook('SessionStart', {}, as);
    await agent.hook(
      'PreToolUse',
      { transcript_path: rollout, tool_name: 'Bash', tool_use_id: 'inner' },
      as,
    );
    const told = await agent.show();
    expect(only(told, 'tool_call')).toMatchObject({
      session: CHILD,
      rootSession: SESSION,
      lane: CHILD,
    });
  });

  it('link a permission request to its call, though it also gives a reason', async () => {
    const agent = codex();
    const call = { tool_name: 'Bash', tool_input: { command: 'rm -r build' }, tool_use_id: 'rm' };
    await agent.hook('PreToolUse', call, as);
    const why = { ...call.tool_input, description: 'The build is stale' };
    await agent.hook('PermissionRequest', { tool_name: 'Bash', tool_input: why }, as);
    const told = await agent.show();
    expect(only(told, 'permission')).toMatchObject({ decision: 'ask', toolCallId: 'rm' });
  });

  it('do not take a patch for a command', async () => {
    const agent = codex();
    const patch = { command: '*** Begin Patch\n*** Add File: a\n+a\n*** End Patch' };
    await agent.hook(
      'PreToolUse',
      { tool_name: 'apply_patch', tool_input: patch, tool_use_id: 'patch' },
      as,
    );
    expect(only(await agent.show(), 'tool_call').executable).toBeUndefined();
  });

  it.each(['names', 'does not name'])(
    'and the rollouts record every call once, if a subagent %s its file',
    async (names) => {
      const folder = temporaryFolder();
      const [mine, child] = [SESSION, CHILD].map((id) =>
        join(folder, `rollout-2026-09-14T10-00-00-${id}.jsonl`),
      ) as [string, string];
      writeRollout(mine, { id: SESSION, session_id: SESSION, source: 'cli' }, 'turn-1', 'call-1');
      const spawned = { subagent: { thread_spawn: { parent_thread_id: SESSION, depth: 1 } } };
      const meta = { id: CHILD, session_id: SESSION, source: spawned };
      writeRollout(child, meta, 'turn-2', 'call-2');
      const agent = codex({ transcript_path: mine });
      const inner = {
        agent_id: CHILD,
        agent_type: 'explorer',
        turn_id: 'turn-2',
        transcript_path: names === 'names' ? child : null,
      };
      const call = { tool_name: 'Bash', tool_input: { command: 'ls' } };
      await agent.hook('PreToolUse', { ...call, tool_use_id: 'call-1' }, as);
      await agent.hook('SubagentStart', inner, as);
      await agent.hook('PreToolUse', { ...call, ...inner, tool_use_id: 'call-2' }, as);
      const end = { ...inner, transcript_path: mine, agent_transcript_path: child };
      await agent.hook('SubagentStop', end, as);
      const before = await agent.show();
      expect(only(before, 'turn')).toMatchObject({ session: CHILD, outcome: 'completed' });
      await runCli(['import', mine, child], { env: agent.env });
      const told = await agent.show();
      const calls = told.operations.filter((operation) => operation.kind === 'tool_call');
      expect(calls.map(({ callId, session, captures }) => [callId, session, captures])).toEqual([
        ['call-1', SESSION, ['hook', 'transcript']],
        ['call-2', CHILD, ['hook', 'transcript']],
      ]);
      const ids = new Set(told.operations.map(({ id }) => id));
      expect(told.operations.filter(({ parentId }) => parentId && !ids.has(parentId))).toEqual([]);
    },
  );

  it('report that a turn was interrupted', async () => {
    const home = temporaryFolder();
    await runCli(['setup', '--agent', 'codex', '--yes'], { env: { HOME: home } });
    const { hooks } = JSON.parse(readFileSync(join(home, '.codex', 'hooks.json'), 'utf8'));
    expect(hooks.Interrupt[0].hooks[0]).toMatchObject({ type: 'command', timeout: 10 });
    const agent = codex();
    await agent.hook('Interrupt', {}, as);
    expect(only(await agent.show(), 'turn').outcome).toBe('interrupted');
  });
});

function writeRollout(file: string, meta: object, turn: string, call: string): void {
  const lines = [
    { type: 'session_meta', payload: { ...meta, cwd: '/srv/shop', cli_version: '0.146.0' } },
    { type: 'event_msg', payload: { type: 'task_started', turn_id: turn } },
    {
      type: 'response_item',
      payload: {
        type: 'function_call',
        name: 'exec_command',
        arguments: '{"cmd":"ls"}',
        call_id: call,
      },
    },
    {
      type: 'response_item',
      payload: {
        type: 'function_call_output',
        call_id: call,
        output: 'Process exited with code 0',
      },
    },
    { type: 'event_msg', payload: { type: 'task_complete', turn_id: turn } },
  ];
  const stamped = lines.map((line, at) =>
    JSON.stringify({ timestamp: `2026-09-14T10:00:0${at}.000Z`, ...line }),
  );
  writeFileSync(file, `${stamped.join('\n')}\n`);
}
