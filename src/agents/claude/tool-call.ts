import type { Facts } from '../../session/event.ts';
import { shellWrites } from '../../session/shell-writes.ts';
import { digestOf } from '../drafts.ts';
import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { mcpParts } from '../mcp-name.ts';
import { ownKeyOf } from './call-names.ts';
import { type Fact, json } from './fact.ts';
import { idOf } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory, PendingTool } from './memory.ts';
import { parentKeyOf } from './turn.ts';

const MAX_FILES = 100;
const WRITERS: ReadonlySet<string> = new Set(['Edit', 'Write', 'MultiEdit', 'NotebookEdit']);
const READERS: ReadonlySet<string> = new Set(['Read', 'NotebookRead']);
/** Tools that run a command line; PowerShell on Windows and if requested. */
export const SHELL_TOOLS: ReadonlySet<string> = new Set(['Bash', 'PowerShell']);
const SUBAGENT_TOOLS: ReadonlySet<string> = new Set(['Task', 'Agent']);
/** One program with plain arguments: nothing that a shell would split, redirect or substitute. */
const PLAIN_COMMAND = /^([A-Za-z0-9_./-]{1,200})(?:[ \t][^;&|<>`$(){}\r\n\\]*)?$/;
const SHELL_WORDS: ReadonlySet<string> = new Set([
  'cd',
  'export',
  'source',
  '.',
  'set',
  'eval',
  'exec',
  'if',
  'for',
  'while',
]);

/** A tool call as the model requested it; undefined if the block has no id. */
export function toolCall(
  line: Line,
  memory: Memory,
  block: JsonObject,
  llm: string,
): Fact | undefined {
  const id = idOf(block.id);
  if (id === undefined) return undefined;
  const name = idOf(block.name) ?? 'unknown';
  const input = objectOf(block.input);
  // A resume writes the last line again, when its call may already have been answered.
  const isAgain = memory.recent.has(line.uuid ?? '');
  const called = isAgain
    ? memory.names.last(line.lane, id)
    : memory.names.name(line.lane, id, llm, memory.tools.has(id));
  if (!isAgain) memory.addTool(id, pendingTool(line, memory, { name, called, llm }, input));
  return {
    kind: 'tool_call',
    eventId: `${lineId(line)}/tool:${id}`,
    key: `tool:${called}`,
    parent: parentKeyOf(line, memory),
    facts: {
      call_id: id,
      name,
      llm,
      ...describeCall(name, input, line.record, block),
    },
    contents: [json('input', block.input)],
    ownKey: ownKeyOf(called, llm),
  };
}

/** Facts about a call from its name and input, and from its line and block if it comes from a transcript. */
export function describeCall(
  name: string,
  input: JsonObject | undefined,
  record: JsonObject = {},
  block: JsonObject = {},
): Facts {
  return {
    tool_type: toolType(name, block.type),
    ...mcpFacts(name, record, block),
    files: filesOf(name, input, textOf(record.cwd)),
    skill: skillOf(name, input),
    executable: SHELL_TOOLS.has(name) ? executableOf(textOf(input?.command)) : undefined,
    description: textOf(input?.description),
    agent_type: SUBAGENT_TOOLS.has(name) ? textOf(input?.subagent_type) : undefined,
  };
}

function pendingTool(
  line: Line,
  memory: Memory,
  asked: Pick<PendingTool, 'name' | 'called' | 'llm'>,
  input: JsonObject | undefined,
): PendingTool {
  const tool = { ...asked, parent: parentKeyOf(line, memory), atMicros: line.atMicros };
  if (!SUBAGENT_TOOLS.has(asked.name)) return tool;
  const prompt = textOf(input?.prompt);
  return {
    ...tool,
    promptDigest: prompt === undefined ? undefined : digestOf(prompt),
    agentType: textOf(input?.subagent_type)?.slice(0, 200),
    description: textOf(input?.description)?.slice(0, 200),
  };
}

function toolType(name: string, blockType: unknown): string {
  if (name.startsWith('mcp__') || blockType === 'mcp_tool_use') return 'mcp';
  return blockType === 'server_tool_use' ? 'extension' : 'function';
}

function mcpFacts(name: string, record: JsonObject, block: JsonObject): Facts {
  const parts = mcpParts(name);
  if (parts === undefined && block.type !== 'mcp_tool_use') return {};
  return {
    mcp_server: textOf(record.attributionMcpServer) ?? textOf(block.server_name) ?? parts?.server,
    mcp_tool: textOf(record.attributionMcpTool) ?? parts?.tool ?? name,
  };
}

function filesOf(
  name: string,
  input: JsonObject | undefined,
  cwd: string | undefined,
): string[] | undefined {
  if (name === 'Bash') {
    // The success of a call says nothing about a command that keeps running in the background.
    const command = input?.run_in_background === true ? undefined : textOf(input?.command);
    return filesOfCommand(command, cwd);
  }
  const path = textOf(input?.file_path) ?? textOf(input?.notebook_path);
  if (path === undefined) return undefined;
  if (WRITERS.has(name)) return [`write:${path}`];
  return READERS.has(name) ? [`read:${path}`] : undefined;
}

/** Files that a shell command certainly writes; relative paths are resolved in the folder of the line. */
function filesOfCommand(
  command: string | undefined,
  cwd: string | undefined,
): string[] | undefined {
  const files = command === undefined ? [] : shellWrites(command).slice(0, MAX_FILES);
  if (files.length === 0) return undefined;
  return files.map(({ action, path }) => {
    const relative = cwd !== undefined && !/^[/~]/.test(path);
    return `${action}:${relative ? `${cwd}/${path}` : path}`;
  });
}

function skillOf(name: string, input: JsonObject | undefined): string | undefined {
  if (name !== 'Skill') return undefined;
  return textOf(input?.skill) ?? textOf(input?.command);
}

function executableOf(command: string | undefined): string | undefined {
  if (command === undefined || command.length > 2000) return undefined;
  const program = PLAIN_COMMAND.exec(command.trim())?.[1];
  return program === undefined || SHELL_WORDS.has(program) ? undefined : program;
}
