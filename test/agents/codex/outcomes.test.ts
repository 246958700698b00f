import { expect, test } from 'vitest';
import { ofKind, operationsOf } from '../reading.ts';
import { asked, event, gave, item, meta, part, read, toolCalls } from './rollout-lines.ts';

const outcomeOf = (output: unknown) => {
  const [call] = toolCalls([meta(), asked(1, 'c1', 'some_tool'), gave(2, 'c1', output)]);
  return call!.outcome;
};

const LONG = `python - <<'E'\n${'print(1)\n'.repeat(200)}E`;
const refused = (command: string, why: string) =>
  `exec_command failed for \`${command}\`: CreateProcess { message: "Rejected(\\"${why}\\")" }`;
const RISKY = 'This action was rejected due to unacceptable risk.';

test.each([
  ['Wall time: 1.2 seconds\naborted by user', 'interrupted'],
  [refused(LONG, 'rejected by user'), 'denied'],
  [refused('curl x', `${RISKY}\\nReason: it sends data away.`), 'denied'],
  [`${RISKY}\nReason: it sends data away.`, 'denied'],
  [refused('rm x', '`rm x` rejected: blocked by policy'), 'denied'],
  [`\`bash -lc '${LONG}'\` rejected: blocked by policy`, 'denied'],
  ['err: "user rejected MCP tool call"', 'denied'],
  [
    'Wall time: 0.0000 seconds\nOutput:\n[{"type":"text","text":"user cancelled MCP tool call"}]',
    'denied',
  ],
  [refused('ls', 'Failed to create unified exec process: none there'), 'error'],
  ['exec_command failed for `nope`: CreateProcess { message: "No such file" }', 'error'],
  ['failed to parse function arguments: missing field `command` at line 1', 'error'],
  ['unsupported call: frobnicate', 'error'],
  ['failed in sandbox MacosSeatbelt with execution error: denied', 'error'],
  ['The automatic permission approval review did not finish before its deadline.', 'denied'],
  [
    'approval policy is Granular(Rules { rules: false }); reject command — it asks for more',
    'denied',
  ],
  ['apply_patch verification failed: Failed to find expected lines in a.ts', 'error'],
  ['err: "tool call failed for `docs/search`"', 'error'],
  [
    [
      { type: 'input_text', text: 'Script failed\nWall time 0.3 seconds\nOutput:\n' },
      { type: 'input_text', text: 'Script error:\nReferenceError: goose is not defined' },
    ],
    'error',
  ],
  ['Script completed\nWall time 0.3 seconds\nOutput:\nScript failed\n', 'ok'],
  ['Wall time: 0.2 seconds\nProcess exited with code 0\nOutput:\naborted by user', 'ok'],
  ['Wall time: 0.2 seconds\nProcess running with session ID 7\nOutput:\nerr: "x"', 'ok'],
  ['The geese said: unsupported call: honk', 'ok'],
])('a call that gave %j is %s', (output, outcome) => {
  expect(outcomeOf(output)).toBe(outcome);
});

test('the time that a script took is recorded in its output', () => {
  const output = 'Script completed\nWall time 2.5 seconds\nOutput:\n';
  const lines = [
    meta(),
    part(1, 'custom_tool_call', { name: 'exec', call_id: 'c1', input: 'count()' }),
    part(9, 'custom_tool_call_output', { call_id: 'c1', output }),
  ];
  const [call] = toolCalls(lines);
  expect(call!.endMicros! - call!.startMicros).toBe(2_500_000);
});

const INVOCATION = { server: 'docs', tool: 'search', arguments: { query: 'geese' } };
test.each([
  [
    'an end event',
    event(2, 'mcp_tool_call_end', {
      call_id: 'c1',
      invocation: INVOCATION,
      result: { Err: 'user rejected MCP tool call' },
    }),
  ],
  [
    'an item',
    item(2, {
      type: 'McpToolCall',
      id: 'c1',
      ...INVOCATION,
      status: 'failed',
      error: { message: 'user rejected MCP tool call' },
    }),
  ],
])('a refusal that %s tells of is no failure of the tool', (_what, told) => {
  expect(toolCalls([meta(), told])).toMatchObject([{ outcome: 'denied', mcpServer: 'docs' }]);
});

test.each([
  [{ codex_error_info: 'usage_limit_exceeded' }, 'error'],
  [{ codex_error_info: { response_too_many_failed_attempts: { http_status_code: 429 } } }, 'error'],
  [{}, 'error'],
  [{ codex_error_info: 'thread_rollback_failed' }, 'completed'],
  [{ codex_error_info: { active_turn_not_steerable: { turn_kind: 'review' } } }, 'completed'],
])('a turn in which the error %j was told ends as %s', (info, outcome) => {
  const lines = [
    meta(),
    event(1, 'task_started', { turn_id: 't1' }),
    event(2, 'error', { message: 'That is all', ...info }),
    event(3, 'task_complete', { turn_id: 't1', last_agent_message: null }),
    event(4, 'task_started', { turn_id: 't2' }),
    event(5, 'task_complete', { turn_id: 't2' }),
  ];
  const turns = ofKind(operationsOf(read(lines).events), 'turn');
  expect(turns.map((turn) => turn.outcome)).toEqual([outcome, 'completed']);
});

test.each([
  ['spawn_agent', 'collab spawn failed: agent thread limit reached', 'error'],
  ['spawn_agent', 'Agent depth limit reached. Solve the task yourself.', 'error'],
  ['spawn_agent', 'collab manager unavailable', 'error'],
  ['send_input', 'agent with id 0199f000-0000-7000-8000-000000000009 not found', 'error'],
  ['close_agent', 'agent with id 0199f000-0000-7000-8000-000000000009 is closed', 'error'],
  ['wait', 'invalid agent id goose: Error(ParseSimpleLength { len: 5 })', 'error'],
  ['resume_agent', 'collab tool failed: stream closed', 'error'],
  ['wait_agent', '{"status":{},"timed_out":true}', 'ok'],
  ['spawn_agent', '{"agent_id":"a","note":"collab spawn failed: no"}', 'ok'],
  ['some_tool', 'collab spawn failed: agent thread limit reached', 'ok'],
  ['shell', 'agent with id 7 not found', 'ok'],
])('%s, which gave %j, is %s', (name, output, outcome) => {
  const calls = toolCalls([meta(), asked(1, 'c1', name), gave(2, 'c1', output)]);
  expect(calls).toMatchObject([{ name, outcome }]);
});

test('a call that still ran when its turn was stopped was interrupted then', () => {
  const stopped = (...lines: object[]) =>
    toolCalls([
      meta(),
      event(1, 'task_started', { turn_id: 't1' }),
      asked(2, 'c0', 'shell'),
      event(3, 'task_started', { turn_id: 't2' }),
      ...lines,
      event(9, 'turn_aborted', { turn_id: 't2', reason: 'interrupted' }),
    ]).map(({ callId, outcome, endMicros }) => [callId, outcome, (endMicros / 1_000_000) % 60]);
  const before = ['c0', 'unknown', 2];
  expect(stopped(asked(4, 'c1', 'shell'), asked(4, 'c2', 'shell'), gave(5, 'c1', 'ok'))).toEqual([
    before,
    ['c1', 'ok', 5],
    ['c2', 'interrupted', 9],
  ]);
  const told = event(6, 'exec_command_end', { call_id: 'c1', exit_code: 0, duration: 1 });
  expect(stopped(asked(4, 'c1', 'shell'), told)).toEqual([before, ['c1', 'ok', 6]]);
  const search = part(4, 'web_search_call', { id: 'w1', status: 'completed' });
  expect(stopped(search)).toEqual([before, ['w1', 'ok', 4]]);
  const script = part(4, 'custom_tool_call', { name: 'exec', call_id: 'x1', input: 'count()' });
  expect(stopped(script)).toEqual([before, ['x1', 'interrupted', 9]]);
});
