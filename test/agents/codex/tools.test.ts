import { expect, test } from 'vitest';
import { asked, event, item, meta, part, toolCalls } from './rollout-lines.ts';

const PATCH =
  '*** Begin Patch\n*** Add File: a.ts\n+x\n*** Update File: b.ts\n*** Move to: c.ts\n@@\n-y\n+z\n*** End Patch\n';
const FILES = [
  { action: 'write', path: 'a.ts' },
  { action: 'write', path: 'b.ts' },
  { action: 'move', path: 'c.ts' },
];

test.each([
  ['itself', part(1, 'custom_tool_call', { name: 'apply_patch', call_id: 'c1', input: PATCH })],
  ['an argument', asked(1, 'c1', 'apply_patch', { input: PATCH })],
  ['a word of a command', asked(1, 'c1', 'shell', { command: ['apply_patch', PATCH] })],
  [
    'inside a script',
    asked(1, 'c1', 'shell', { command: ['bash', '-lc', `apply_patch <<'EOF'\n${PATCH}EOF\n`] }),
  ],
  ['inside a command line', asked(1, 'c1', 'exec_command', { cmd: `apply_patch <<E\n${PATCH}E` })],
  [
    'in an action',
    part(1, 'local_shell_call', {
      call_id: 'c1',
      status: 'completed',
      action: { type: 'exec', command: ['apply_patch', PATCH] },
    }),
  ],
])('the files of a patch are known where the patch is %s', (_where, call) => {
  expect(toolCalls([meta(), call])[0]!.files).toEqual(FILES);
});

test('a text that only speaks of a patch touches no file', () => {
  const cmd = "echo '*** Update File: b.ts'";
  expect(toolCalls([meta(), asked(1, 'c1', 'exec_command', { cmd })])[0]!.files).toEqual([]);
});

const CALL = { server: 'my-docs', tool: 'search', arguments: { query: 'geese' } };
const RESULT = { content: [{ type: 'text', text: 'none' }] };
test.each([
  ['mcp__my_docs', 'mcp__my_docs__search'],
  ['my_docs', 'search'],
])('which MCP server has a tool in the namespace %s, its own record says', (namespace, name) => {
  const request = part(1, 'function_call', {
    name: 'search',
    namespace,
    arguments: '{"query":"geese"}',
    call_id: 'c1',
  });
  const end = event(2, 'mcp_tool_call_end', {
    call_id: 'c1',
    invocation: CALL,
    result: { Ok: RESULT },
  });
  const done = item(2, {
    type: 'McpToolCall',
    id: 'c1',
    ...CALL,
    status: 'completed',
    result: RESULT,
  });
  const told = { name, toolType: 'mcp', mcpServer: 'my-docs', mcpTool: 'search' };
  expect(toolCalls([meta(), request, end])).toMatchObject([told]);
  expect(toolCalls([meta(), request, done])).toMatchObject([told]);
});
