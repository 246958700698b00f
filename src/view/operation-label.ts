import type { Content, Operation, PromptOperation } from '../session/operation.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';
import { beginning } from './terminal-text.ts';

/** What is wrong with an operation, or that nothing is. */
export type Mark = 'ok' | 'error' | 'denied' | 'interrupted' | 'unfinished' | 'silent_failure';

/** The sign of each mark; each is one column wide. */
export const MARK_SIGNS: { readonly [mark in Mark]: string } = {
  ok: ' ',
  error: '✗',
  denied: '⊘',
  interrupted: '!',
  unfinished: '…',
  silent_failure: '?',
};

/** Fields that say most about an input; the first that exists is shown. */
const TELLING_FIELDS = [
  'command',
  'cmd',
  'pattern',
  'query',
  'url',
  'file_path',
  'filePath',
  'path',
  'description',
  'prompt',
  'message',
  'name',
];
const LONGEST_PARSED = 65_536;
const LONGEST_SUMMARY = 400;
const SHELL = /(?:^|\/)(?:ba|z)?sh$/;

/** The most important thing to know about an operation. */
export function markOf(operation: Operation): Mark {
  switch (operation.kind) {
    case 'tool_call':
      if (operation.outcome === 'denied' || operation.outcome === 'interrupted') {
        return operation.outcome;
      }
      if (operation.outcome === 'error' || operation.error) return 'error';
      if (operation.silentFailure) return 'silent_failure';
      break;
    case 'llm_call':
      if (operation.error) return 'error';
      if (operation.aborted) return 'interrupted';
      break;
    case 'turn':
    case 'subagent':
      if (operation.outcome === 'error' || operation.outcome === 'interrupted') {
        return operation.outcome;
      }
      break;
    case 'retrieval':
      if (operation.error) return 'error';
      break;
    case 'permission':
      if (operation.decision === 'deny') return 'denied';
      break;
    case 'notice':
      if (operation.level === 'error') return 'error';
      break;
  }
  return operation.unfinished ? 'unfinished' : 'ok';
}

/** The first of the texts named `names` that was recorded. */
function contentOf(operation: Operation, names: readonly Content['name'][]): Content | undefined {
  for (const name of names) {
    const found = operation.contents.find((content) => content.name === name);
    if (found) return found;
  }
  return undefined;
}

/** Joins words into one text; for a command passed to a shell as a single word, returns that word. */
function joined(words: readonly string[]): string {
  const [shell = '', flag, script] = words;
  const isScript = words.length === 3 && SHELL.test(shell) && (flag === '-lc' || flag === '-c');
  return isScript && script !== undefined ? script : words.join(' ');
}

function textOf(field: unknown): string | undefined {
  if (typeof field === 'string') return field;
  const isWords = Array.isArray(field) && field.every((word) => typeof word === 'string');
  return isWords ? joined(field) : undefined;
}

function tellingField(text: string): string | undefined {
  if (text.length > LONGEST_PARSED) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = value as Record<string, unknown>;
    for (const name of TELLING_FIELDS) {
      const told = Object.hasOwn(fields, name) ? textOf(fields[name]) : undefined;
      if (told) return told;
    }
  } catch {
    return undefined; // A recording may hold broken JSON; its text is shown as it is.
  }
  return undefined;
}

/** `instead` is used if the text has no telling field. */
function excerpt(content: Content | undefined, instead?: string): string {
  if (content === undefined) return instead ?? '';
  if (content.text === undefined) return `(${formatBytes(content.size)})`;
  const telling = content.media === 'application/json' ? tellingField(content.text) : undefined;
  return beginning(telling ?? instead ?? content.text, LONGEST_SUMMARY).trim();
}

/** Whether the start or the end was inferred, so that the duration is only an estimate. */
export function isInferred({ startBasis, endBasis }: Operation): boolean {
  return startBasis === 'inferred' || endBasis === 'inferred';
}

/** A response whose texts are only white space: of no interest to a reader. */
export function isBlank({ kind, contents }: Operation): boolean {
  return (
    kind === 'response' && contents.length > 0 && contents.every(({ text }) => text?.trim() === '')
  );
}

/** A path relative to the session's folder, if it is inside it; any other text unchanged. */
export function fromFolder(text: string, folder: string | undefined): string {
  if (folder === undefined || folder.length < 2) return text;
  const base = folder.endsWith('/') ? folder : `${folder}/`;
  return text.startsWith(base) ? text.slice(base.length) : text;
}

/** Recorded origins of prompts that mean a person. */
const BY_PERSONS: ReadonlySet<string> = new Set(['human', 'user', 'slash_command']);
const LONGEST_ORIGIN = 40;

/** Only for prompts to the main agent: subagents always get theirs from an agent. */
function promptName({ lane, origin }: PromptOperation): string {
  return lane !== '' || origin === undefined || BY_PERSONS.has(origin)
    ? 'prompt'
    : `prompt (${origin.slice(0, LONGEST_ORIGIN)})`;
}

/** The name of an operation: a tool's name, a model, the kind. Not yet made printable. */
export function nameOf(operation: Operation): string {
  switch (operation.kind) {
    case 'turn':
      return `turn ${operation.index}`;
    case 'llm_call':
      return operation.responseModel ?? operation.requestModel ?? 'llm call';
    case 'tool_call':
      return operation.mcpTool
        ? `${operation.mcpServer ?? 'mcp'}/${operation.mcpTool}`
        : operation.name;
    case 'subagent':
      return operation.agentType ? `subagent ${operation.agentType}` : 'subagent';
    case 'prompt':
      return promptName(operation);
    case 'notice':
      return operation.name;
    default:
      return operation.kind;
  }
}

/** What an operation was about, as one text of at most 400 characters. Not yet made printable. */
export function summaryOf(operation: Operation): string {
  switch (operation.kind) {
    case 'tool_call':
      // The text of a patch says less than the name of the file it changes.
      return (
        excerpt(contentOf(operation, ['input']), operation.files[0]?.path) ||
        (operation.description ?? '')
      );
    case 'llm_call':
      return operation.error?.message ?? operation.error?.type ?? '';
    case 'subagent':
      return operation.description ?? excerpt(contentOf(operation, ['input']));
    case 'permission':
      return [
        operation.toolName,
        operation.decision,
        operation.source && `by ${operation.source}`,
        operation.waitMicros !== undefined && `after ${formatDuration(operation.waitMicros)}`,
      ]
        .filter(Boolean)
        .join(' ');
    case 'compaction': {
      const { trigger, tokensBefore: before, tokensAfter: after } = operation;
      const sizes =
        before === undefined
          ? ''
          : `${formatCount(before)} → ${after === undefined ? '?' : formatCount(after)} tokens`;
      return [trigger, sizes].filter(Boolean).join(' ');
    }
    case 'retrieval':
      return operation.dataSource ?? excerpt(contentOf(operation, ['input', 'text']));
    case 'decision':
      return operation.choice ?? excerpt(contentOf(operation, ['text']));
    case 'turn':
      return '';
    default:
      return excerpt(contentOf(operation, ['text', 'input', 'output', 'error', 'summary']));
  }
}
