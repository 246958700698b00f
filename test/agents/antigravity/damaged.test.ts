import { expect, test } from 'vitest';
import { antigravity } from '../../../src/agents/antigravity/antigravity.ts';
import { readDamaged } from '../expectations.ts';
import { mutants } from '../mutations.ts';
import { jsonl } from '../reading.ts';

const [PARENT, OWN, CHILD] = ['a', 'b', 'c'].map(
  (end) => `7d2e0a31-0000-4000-8000-00000000000${end}`,
);
const PATH = `/home/ada/.gemini/antigravity-cli/brain/${OWN}/.system_generated/logs/transcript_full.jsonl`;

let index = 0;
const step = (type: string, more: object = {}) => ({
  step_index: index++,
  source: 'MODEL',
  type,
  status: 'DONE',
  created_at: `2026-09-10T07:00:${String(index).padStart(2, '0')}Z`,
  ...more,
});
const told = (sender: string | undefined, content: string) =>
  step('SYSTEM_MESSAGE', {
    source: 'SYSTEM',
    content: `<SYSTEM_MESSAGE>\n[Message] timestamp=t sender=${sender} priority=p content=${content}\n</SYSTEM_MESSAGE>`,
  });
const asking = (name: string, args: object) =>
  step('PLANNER_RESPONSE', { thinking: 'Hm.', content: 'Look.', tool_calls: [{ name, args }] });

const TEXT = jsonl([
  told(PARENT, 'Find the well'),
  asking('invoke_subagent', { Subagents: [{ TypeName: 'diver', Role: 'r' }] }),
  step('INVOKE_SUBAGENT', { content: `[{"conversationId": "${CHILD}"}]` }),
  asking('run_command', { CommandLine: 'dig', toolSummary: 'Dig' }),
  step('RUN_COMMAND', {
    status: 'RUNNING',
    content: `Tool is running as a background task with task id: ${OWN}/task-1`,
  }),
  asking('call_mcp_tool', { ServerName: 'map', ToolName: 'find' }),
  step('MCP_TOOL', { exit_code: 1, content: 'Completed At: 2026-09-10T07:01:00Z' }),
  told(`${OWN}/task-1`, 'The command exited with code 2.'),
  asking('view_file', { AbsolutePath: '/a' }),
  step('ERROR_MESSAGE', { content: 'No such file' }),
]);

test('two hundred damaged transcripts: nothing throws', () => {
  let readable = 0;
  for (const mutant of mutants(TEXT, 200, 17))
    if (readDamaged(antigravity, mutant, PATH) !== null) readable++;
  expect(readable).toBeGreaterThan(150);
});
