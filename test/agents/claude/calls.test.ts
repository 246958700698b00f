import { describe, expect, it } from 'vitest';
import { jsonl, readFixture, readText } from './driver.ts';
import { assistant, at, call, FILE, line, result, said, user } from './lines.ts';

const read = (...lines: unknown[]) => readText(jsonl(lines), FILE);
const llm = (...lines: unknown[]) =>
  read(...lines).events.filter((event) => event.kind === 'llm_response');

describe('an LLM call', () => {
  it('is one operation however many lines it has, each with the usage so far', () => {
    const usage = (output: number) => ({
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
        output_tokens: output,
      },
    });
    const lines = llm(
      user(1, 'Fix it.'),
      assistant(
        2,
        { type: 'thinking', thinking: 'First the tests.' },
        { id: 'msg_a', stop_reason: null, ...usage(1) },
      ),
      assistant(3, said('I look.'), { id: 'msg_a', stop_reason: null, ...usage(1) }),
      assistant(4, call('t1'), { id: 'msg_a', stop_reason: 'tool_use', ...usage(90) }),
    );
    expect(new Set(lines.map((event) => event.operationKey))).toEqual(new Set(['llm:msg_a']));
    expect(lines.map((event) => event.facts.usage_output)).toEqual([1, 1, 90]);
    expect(lines.map((event) => event.facts.usage_basis)).toEqual(['merged', 'merged', 'exact']);
    expect(lines.map((event) => event.facts.block)).toEqual([0, 1, 2]);
    expect(lines.map((event) => event.facts.usage_input)).toEqual([123, 123, 123]);
    expect(lines.map((event) => event.facts.outputs)).toEqual([
      ['reasoning:llm:msg_a'],
      ['text:response:line-assistant-3'],
      ['tool_call:tool:t1'],
    ]);
    expect(lines[0]?.contents).toEqual([
      { name: 'reasoning', text: 'First the tests.', media: 'text/plain' },
    ]);
  });

  it('was given what is new in its lane, and was asked for no earlier than that', () => {
    const lines = llm(
      user(1, 'Fix it.'),
      assistant(2, call('t1'), { id: 'msg_a' }),
      result(3, 't1', 'ok'),
      assistant(4, call('t2'), { id: 'msg_a' }),
      result(5, 't2', 'ok'),
      assistant(6, said('Done.'), { id: 'msg_b' }),
    );
    expect(lines.map((event) => event.facts.inputs)).toEqual([
      ['user:prompt:line-user-1'],
      undefined,
      ['tool:tool:t1', 'tool:tool:t2'],
    ]);
    expect(lines.map((event) => event.facts.requested_at_us)).toEqual([
      Date.parse(at(1)) * 1000,
      undefined,
      Date.parse(at(5)) * 1000,
    ]);
  });

  it('counts cache writes from the split where the total was written as 0', () => {
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      cache_creation_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 12 },
    };
    const [event] = llm(assistant(1, said('Hi.'), { usage }));
    expect(event?.facts.usage_cache_write).toBe(42);
    expect(event?.facts.usage_input).toBe(43);
    expect(event?.facts.usage_cache_read).toBeUndefined();
  });

  it('has no count where none was recorded or the number is none', () => {
    const usage = { input_tokens: -3, output_tokens: 1.5, cache_read_input_tokens: '7' };
    const [odd, none] = llm(
      assistant(1, said('Hi.'), { usage }),
      assistant(2, said('Ho.'), { usage: undefined }),
    );
    for (const name of ['usage_input', 'usage_output', 'usage_cache_read', 'usage_cache_write']) {
      expect(odd?.facts[name]).toBeUndefined();
      expect(none?.facts[name]).toBeUndefined();
    }
    expect(none?.facts.usage_basis).toBeUndefined();
  });

  it('reads the oldest lines, which have neither type nor uuid, with their cost', () => {
    const { detection, events } = readFixture('usage-lines.jsonl');
    expect(detection).toMatchObject({
      dialect: 'usage lines',
      session: 'plain-usage',
      version: '0.2.90',
    });
    const calls = events.filter((event) => event.kind === 'llm_response');
    expect(calls.map((event) => event.facts.cost_usd)).toEqual(['0.0125', '0.00000025']);
    expect(calls.map((event) => event.facts.usage_input)).toEqual([130, 30]);
    expect(new Set(calls.map((event) => event.eventId)).size).toBe(2);
  });

  it('that failed for good says why and ends its turn', () => {
    const { events } = read(
      user(1, 'Fix it.'),
      assistant(
        2,
        said('API Error: 429 slow down'),
        { id: 'uuid-1', model: '<synthetic>' },
        { isApiErrorMessage: true, error: 'rate_limit' },
      ),
    );
    const failed = events.find((event) => event.kind === 'llm_response');
    expect(failed?.facts).toMatchObject({ error_type: 'rate_limit', http_status: 429 });
    expect(failed?.facts.response_model).toBeUndefined();
    expect(failed?.facts.usage_output).toBeUndefined();
    expect(failed?.contents).toEqual([
      { name: 'error', text: 'API Error: 429 slow down', media: 'text/plain' },
    ]);
    expect(events.find((event) => event.kind === 'turn_end')?.facts).toEqual({ outcome: 'error' });
  });

  it('is not what the client filled in itself', () => {
    const { events } = read(
      user(1, 'Fix it.'),
      assistant(
        2,
        said('No response requested.'),
        { model: '<synthetic>' },
        { isApiErrorMessage: false },
      ),
    );
    expect(events.map((event) => event.kind)).toEqual([
      'session_start',
      'turn_start',
      'prompt',
      'notice',
    ]);
  });

  it('tells how often it was tried', () => {
    const failure = (seconds: number, retryAttempt: number) =>
      line('system', seconds, {
        subtype: 'api_error',
        error: { status: 529, error: { error: { type: 'overloaded_error' } } },
        retryAttempt,
        retryInMs: 500,
      });
    const [first, second] = llm(
      user(1, 'Fix it.'),
      failure(2, 1),
      failure(3, 2),
      assistant(4, said('Hi.')),
      assistant(5, said('Ho.')),
    );
    expect(first?.facts).toMatchObject({ retry_count: 2, retry_reason: 'overloaded_error' });
    expect(second?.facts.retry_count).toBeUndefined();
  });

  it('knows that a compaction went before it', () => {
    const { events } = read(
      assistant(1, said('Hi.')),
      line('system', 2, {
        subtype: 'compact_boundary',
        compactMetadata: { trigger: 'auto', preTokens: 900, postTokens: 80, durationMs: 3 },
      }),
      user(3, 'This session is being continued from a previous conversation. All is well.', {
        isCompactSummary: true,
      }),
      assistant(4, said('Ho.')),
      line('system', 5, {
        subtype: 'microcompact_boundary',
        microcompactMetadata: { trigger: 'auto', preTokens: 500, tokensSaved: 200 },
      }),
    );
    const compactions = events.filter((event) => event.kind === 'compaction');
    expect(compactions.map((event) => event.operationKey)).toEqual([
      'compaction:line-system-2',
      'compaction:line-system-2',
      'compaction:line-system-5',
    ]);
    expect(compactions[0]?.facts).toEqual({
      trigger: 'auto',
      tokens_before: 900,
      tokens_after: 80,
      duration_us: 3000,
    });
    expect(compactions[1]?.contents?.[0]).toMatchObject({ name: 'summary' });
    expect(compactions[2]?.facts).toEqual({
      trigger: 'micro',
      tokens_before: 500,
      tokens_after: 300,
    });
    const calls = events.filter((event) => event.kind === 'llm_response');
    expect(calls.map((event) => event.facts.compacted)).toEqual([undefined, true]);
  });
});

describe('a tool call', () => {
  const DENIED =
    "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said: use tabs";

  it.each([
    ['ok', 'fine', undefined, {}, { outcome: 'ok' }],
    ['ok when said so', 'fine', false, {}, { outcome: 'ok' }],
    ['failed', 'no such file', true, {}, { outcome: 'error', error_type: 'tool_error' }],
    [
      'misused',
      '<tool_use_error>prompt is missing</tool_use_error>',
      true,
      {},
      { outcome: 'error', error_type: 'tool_use_error' },
    ],
    [
      'failed with an exit code',
      'Exit code 127\nnot found',
      true,
      {},
      { outcome: 'error', error_type: 'nonzero_exit', exit_code: 127 },
    ],
    [
      'lacking a permission',
      "Claude requested permissions to write to /a, but you haven't granted it yet.",
      true,
      {},
      { outcome: 'error', error_type: 'permission_denied' },
    ],
    ['denied', DENIED, true, {}, { outcome: 'denied', decision: 'deny', decision_source: 'user' }],
    [
      'denied by its remark',
      'no',
      true,
      { toolUseResult: 'User rejected tool use' },
      { outcome: 'denied' },
    ],
    [
      'denied by a hook',
      'no',
      true,
      { toolDenialKind: 'hook-blocked' },
      { outcome: 'denied', decision_source: 'hook' },
    ],
    [
      'interrupted by kind',
      'no',
      true,
      { toolDenialKind: 'interrupted' },
      { outcome: 'interrupted' },
    ],
    [
      'interrupted',
      '[Request interrupted by user for tool use]',
      true,
      {},
      { outcome: 'interrupted' },
    ],
    [
      'stopped while running',
      'half',
      undefined,
      { toolUseResult: { stdout: 'half', interrupted: true } },
      { outcome: 'interrupted' },
    ],
    ['ok while it quotes a denial', DENIED, undefined, {}, { outcome: 'ok' }],
  ])('%s', (_, content, isError, extra, expected) => {
    const { events } = read(assistant(1, call('t1')), result(2, 't1', content, isError, extra));
    const facts = events.find((event) => event.kind === 'tool_result')?.facts;
    expect(facts).toMatchObject({ name: 'Bash', ...expected });
    if (expected.outcome === 'ok') expect(facts).not.toHaveProperty('error_type');
  });

  it('carries its input, its files and what it belongs to', () => {
    const { events } = read(
      assistant(1, call('t1', 'Edit', { file_path: '/a.ts', old_string: 'x' })),
      assistant(2, call('t2', 'Read', { file_path: '/b.ts' })),
      assistant(3, call('t3', 'mcp__tracker__get__issue', { id: 4 })),
      assistant(
        4,
        call('t4', 'mcp__plugin_kit_web__open', {}),
        {},
        { attributionMcpServer: 'web', attributionMcpTool: 'open' },
      ),
      assistant(5, call('t5', 'Skill', { skill: 'pdf' })),
      assistant(6, { type: 'server_tool_use', id: 't6', name: 'web_search', input: {} }),
    );
    const facts = events.filter((event) => event.kind === 'tool_call').map((event) => event.facts);
    expect(facts.map((one) => one.files)).toEqual([
      ['write:/a.ts'],
      ['read:/b.ts'],
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(facts.map((one) => one.tool_type)).toEqual([
      'function',
      'function',
      'mcp',
      'mcp',
      'function',
      'extension',
    ]);
    expect(facts.map((one) => one.mcp_server)).toEqual([
      undefined,
      undefined,
      'tracker',
      'web',
      undefined,
      undefined,
    ]);
    expect(facts.map((one) => one.mcp_tool)).toEqual([
      undefined,
      undefined,
      'get__issue',
      'open',
      undefined,
      undefined,
    ]);
    expect(facts[4]?.skill).toBe('pdf');
    const input = events.find((event) => event.kind === 'tool_call')?.contents?.[0];
    expect(input).toEqual({
      name: 'input',
      text: '{"file_path":"/a.ts","old_string":"x"}',
      media: 'application/json',
    });
  });

  it.each([
    ['npm test', 'npm'],
    ['  git status --short', 'git'],
    ['cd web && npm test', undefined],
    ['cd web', undefined],
    ['A=1 make', undefined],
    ['cat $(ls)', undefined],
    ['echo hi > file', undefined],
  ])('knows the program of %j only where it is certain', (command, program) => {
    const { events } = read(assistant(1, call('t1', 'Bash', { command })));
    expect(events.find((event) => event.kind === 'tool_call')?.facts.executable).toBe(program);
  });

  it.each([
    [{ durationMs: 12 }, 12_000],
    [{ durationSeconds: 0.25 }, 250_000],
    [{ totalDurationMs: 3 }, 3000],
    [{ durationMs: 'long' }, undefined],
  ])('takes the recorded duration of %j', (toolUseResult, micros) => {
    const { events } = read(
      assistant(1, call('t1')),
      result(2, 't1', 'ok', undefined, { toolUseResult }),
    );
    expect(events.find((event) => event.kind === 'tool_result')?.facts.duration_us).toBe(micros);
  });

  it('takes the duration of an MCP call from its progress', () => {
    const data = {
      type: 'mcp_progress',
      status: 'completed',
      serverName: 'tracker',
      toolName: 'get',
      elapsedTimeMs: 940,
    };
    const { events } = read(
      assistant(1, call('t1')),
      line('progress', 2, { data, toolUseID: 't1' }),
    );
    const info = events.find((event) => event.kind === 'tool_info');
    expect(info).toMatchObject({
      operationKey: 'tool:t1',
      facts: { duration_us: 940_000, mcp_server: 'tracker' },
    });
  });

  it.each([
    ['text', 'é\u2028', 'é\u2028', 'text/plain', 5],
    ['text blocks', [said('a'), said('b')], 'a\nb', 'text/plain', 3],
    [
      'an image',
      [{ type: 'image', source: { media_type: 'image/png', data: 'AAAA' } }],
      '[image/png 3 bytes]',
      'text/plain',
      19,
    ],
    [
      'other blocks',
      [{ type: 'tool_reference', name: 'x' }, said('a')],
      '[{"type":"tool_reference","name":"x"},{"type":"text","text":"a"}]',
      'application/json',
      65,
    ],
    ['nothing', undefined, '', 'text/plain', 0],
  ])('keeps an output of %s', (_, content, text, media, bytes) => {
    const { events } = read(assistant(1, call('t1')), result(2, 't1', content));
    const event = events.find((one) => one.kind === 'tool_result');
    expect(event?.contents).toEqual([{ name: 'output', text, media }]);
    expect(event?.facts.output_length).toBe(bytes);
  });

  it('may have a result alone, and may come after its result', () => {
    const { events } = read(
      result(1, 't1', 'ok'),
      assistant(2, call('t2')),
      assistant(3, call('t1')),
    );
    expect(
      events.filter((event) => event.operationKey === 'tool:t1').map((event) => event.kind),
    ).toEqual(['tool_result', 'tool_call']);
    expect(
      events.filter((event) => event.operationKey === 'tool:t2').map((event) => event.kind),
    ).toEqual(['tool_call']);
  });
});
