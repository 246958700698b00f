import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLI, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { hookedAgent, only, SESSION } from './driver.ts';

describe('hooks of Gemini CLI and Copilot CLI', () => {
  it('report the session, and keep the rest as notices, because they name no calls', async () => {
    const gemini = hookedAgent();
    const as = ['--agent', 'gemini'];
    await gemini.hook('SessionStart', { source: 'startup', timestamp: '2026-09-14T10:00:00Z' }, as);
    await gemini.hook(
      'BeforeTool',
      { tool_name: 'run_shell_command', tool_input: { command: 'ls' } },
      as,
    );
    await gemini.hook('SessionEnd', { reason: 'exit' }, as);
    const told = await gemini.show();
    expect(told.head.agentId).toBe('gemini-cli');
    expect(told.totals.state).toBe('closed');
    expect(only(told, 'notice')).toMatchObject({
      name: 'before_tool',
      facts: { tool_name: 'run_shell_command' },
    });
    expect(told.operations.map((operation) => operation.kind)).toEqual(['notice']);
    const copilot = hookedAgent();
    await copilot.hook(
      'sessionStart',
      { session_id: undefined, sessionId: SESSION, source: 'new' },
      ['--agent', 'copilot'],
    );
    await copilot.hook(
      'preToolUse',
      { session_id: undefined, sessionId: SESSION, toolName: 'bash', toolArgs: '{"command":"ls"}' },
      ['--agent', 'copilot'],
    );
    const other = await copilot.show();
    expect(other.head.agentId).toBe('copilot-cli');
    expect(only(other, 'notice').facts).toEqual({ toolName: 'bash' });
  });

  it('keep what Copilot CLI’s tools and subagents said apart from the facts, with the session that was recorded', async () => {
    const copilot = hookedAgent({ session_id: undefined, timestamp: 1789380000000 });
    const transcriptPath = `/home/dev/.copilot/session-state/${SESSION}/events.jsonl`;
    const told = {
      postToolUseFailure: { sessionId: SESSION, toolName: 'bash', toolArgs: {}, error: 'no file' },
      preCompact: { transcriptPath, trigger: 'auto', customInstructions: 'keep the plan' },
      subagentStop: { sessionId: 'inner', transcriptPath, agentName: 'explore', response: 'found' },
      agentStop: { sessionId: SESSION, transcriptPath, stopReason: 'end_turn' },
    };
    for (const [event, payload] of Object.entries(told))
      await copilot.hook(event, payload, ['--agent', 'copilot']);
    const notices = (await copilot.show()).operations.map((operation) =>
      operation.kind === 'notice' ? [operation.name, operation.facts, operation.contents] : [],
    );
    const text = (said: string) => [expect.objectContaining({ text: said })];
    expect(notices).toEqual([
      ['post_tool_use_failure', { toolName: 'bash' }, text('{"toolArgs":{},"error":"no file"}')],
      ['pre_compact', { trigger: 'auto' }, text('keep the plan')],
      ['subagent_stop', { agentName: 'explore' }, text('found')],
      ['agent_stop', { stopReason: 'end_turn' }, []],
    ]);
  });
});

describe('setup of other agents', () => {
  const places: Record<string, [global: string, project: string]> = {
    codex: ['.codex/hooks.json', '.codex/hooks.json'],
    gemini: ['.gemini/settings.json', '.gemini/settings.json'],
    copilot: ['.copilot/hooks/agent-strace.json', '.github/hooks/agent-strace.json'],
    opencode: ['.config/opencode/plugins/agent-strace.js', '.opencode/plugins/agent-strace.js'],
  };

  it.each(Object.keys(places))(
    '%s: installs, knows its own, and takes out what it put in',
    async (name) => {
      const home = temporaryFolder();
      const work = temporaryFolder();
      const setup = (...args: string[]) =>
        runCli(['setup', '--agent', name, '--yes', ...args], { env: { HOME: home }, cwd: work });
      for (const [scope, file] of [
        ['--global', join(home, places[name]![0])],
        ['--project', join(work, places[name]![1])],
      ] as const) {
        expect((await setup(scope)).code).toBe(0);
        const text = readFileSync(file, 'utf8');
        expect(text).toMatch(new RegExp(`hook --agent ${name} \\w+`));
        expect((await setup(scope)).stderr).toContain('already');
        expect((await setup(scope, '--remove')).code).toBe(0);
        let left = '';
        try {
          left = readFileSync(file, 'utf8');
        } catch {
          // A file of our own is gone.
        }
        expect(left).not.toContain('hook --agent');
      }
    },
  );

  it('copilot: the commands succeed if our program is gone, because a failure refuses the tool call', async () => {
    const home = temporaryFolder();
    await runCli(['setup', '--agent', 'copilot', '--yes'], { env: { HOME: home } });
    const { hooks } = JSON.parse(readFileSync(join(home, places['copilot']![0]), 'utf8'));
    expect(hooks.preToolUse[0].powershell).toMatch(/; exit 0$/);
    const command = hooks.preToolUse[0].bash.replace(CLI, '/nowhere/agent-strace');
    expect(command).toContain('/nowhere/');
    const { status, stdout } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it.each(['copilot', 'opencode'])(
    '%s: leaves a file written by somebody else alone',
    async (name) => {
      const home = temporaryFolder();
      const file = join(home, places[name]![0]);
      mkdirSync(join(file, '..'), { recursive: true });
      const text =
        name === 'copilot'
          ? '{"version":1,"hooks":{"sessionStart":[{"type":"command","bash":"mine.sh"}]}}'
          : 'export const Mine = 1;';
      writeFileSync(file, text);
      for (const more of [[], ['--remove']]) {
        const { code, stderr } = await runCli(['setup', '--agent', name, '--yes', ...more], {
          env: { HOME: home },
        });
        expect(code).toBe(2);
        expect(stderr).toContain(file);
        expect(readFileSync(file, 'utf8')).toBe(text);
      }
    },
  );
});
