import type {
  Content,
  LlmCallOperation,
  Message,
  MessagePart,
  MessagePartRef,
  Operation,
  RuleKind,
  ToolCallOperation,
} from '../session/operation.ts';
import { applyPolicy, type ContentPolicy } from './content-policy.ts';
import { type PriceLookup, priceCall } from './pricing.ts';
import type { Counts, Redactor } from './redaction/redactor.ts';
import { FIRST_LINE_BYTES, showsText, silentFailureOf } from './silent-failure.ts';
import { redactStructure } from './structure.ts';

/** A content with the way to its recorded text, which is read only when it is asked for. */
export type ReadableContent = Content & { read(): string | undefined };

/** What a message part points at. */
export interface ResolvedOperation {
  readonly callId?: string | undefined;
  readonly toolName?: string | undefined;
  readonly contents: readonly ReadableContent[];
}

export interface ProcessorOptions {
  readonly policy: ContentPolicy;
  readonly redactor: Redactor;
  /** Recorded text of a content, or with `maxBytes` at least that much of its beginning; undefined when withheld or erased. */
  readonly readContent: (
    operation: Operation,
    content: Content,
    maxBytes?: number,
  ) => string | undefined;
  /** Finds the operation a message part points at; undefined when it is not stored. */
  readonly resolve: (operationId: string) => ResolvedOperation | undefined;
  readonly silentFailures: 'mark' | 'error' | 'off';
  readonly price?: PriceLookup | undefined;
}

export interface Processor {
  /** Prices, applies the content policy and redacts, in place; returns the same operation, safe to show. */
  process(operation: Operation): Operation;
}

/** Characters of processed texts kept for messages that quote them soon after. */
const MAX_REMEMBERED = 4_000_000;

/** The one way from assembled operations to anything that leaves or is shown. */
export function createProcessor(options: ProcessorOptions): Processor {
  const { policy, redactor } = options;
  const counts: Counts = new Map();
  const recent = new Map<string, Processed>();
  let remembered = 0;

  /** Applies policy and redaction once per text; its counts are added for everyone who quotes it. */
  function processed(content: Content, text: string | undefined): Content {
    const own: Counts = new Map();
    const result = applyPolicy(content, policy, redactor, text, own);
    const size = result.text?.length ?? 0;
    if (remembered + size > MAX_REMEMBERED) {
      recent.clear();
      remembered = 0;
    }
    remembered += size;
    recent.set(content.commitment, { content: result, counts: own });
    addCounts(counts, own);
    return result;
  }

  function readContents(operation: Operation): void {
    const contents = operation.contents;
    if (contents.length === 0) return;
    const read: Content[] = [];
    for (const content of contents) {
      const text = options.readContent(operation, content);
      if (operation.kind === 'tool_call' && content.name === 'output' && text !== undefined)
        markSilentFailure(operation, text);
      read.push(processed(content, text));
    }
    operation.contents = read;
  }

  function markSilentFailure(call: ToolCallOperation, output: string): void {
    if (options.silentFailures === 'off' || call.outcome !== 'ok') return;
    if (silentFailureOf(call.name, output) !== undefined) call.silentFailure = true;
  }

  /** Under `none` the beginning of the output is read for this alone, and forgotten. */
  function peekForSilentFailure(call: ToolCallOperation): void {
    if (options.silentFailures === 'off' || call.outcome !== 'ok' || showsText(call.name)) return;
    for (const content of call.contents) {
      if (content.name !== 'output') continue;
      markSilentFailure(call, options.readContent(call, content, FIRST_LINE_BYTES) ?? '');
    }
  }

  function contentOf(
    parts: readonly ReadableContent[],
    names: readonly string[],
  ): Content | undefined {
    for (const name of names) {
      const content = parts.find((candidate) => candidate.name === name);
      if (content === undefined) continue;
      const known = recent.get(content.commitment);
      if (known === undefined) return processed(content, content.read());
      addCounts(counts, known.counts);
      return known.content;
    }
    return undefined;
  }

  function part(ref: MessagePartRef): MessagePart | undefined {
    const target = options.resolve(ref.operationId);
    if (target === undefined) return undefined;
    const content = contentOf(target.contents, CONTENT_OF[ref.type]);
    const isTool = ref.type === 'tool_call' || ref.type === 'tool_call_response';
    if (!isTool)
      return content?.text === undefined
        ? undefined
        : { type: ref.type, text: content.text, media: content.media };
    return {
      type: ref.type,
      text: content?.text,
      media: content?.media,
      toolCallId: target.callId === undefined ? undefined : redactor.text(target.callId, counts),
      toolName: target.toolName === undefined ? undefined : redactor.text(target.toolName, counts),
    };
  }

  /** Neighbouring parts of one role make one message. */
  function messages(refs: readonly MessagePartRef[]): readonly Message[] | undefined {
    const built: { role: Message['role']; parts: MessagePart[] }[] = [];
    for (const ref of refs) {
      const made = part(ref);
      if (made === undefined) continue;
      const last = built.at(-1);
      if (last?.role === ref.role) last.parts.push(made);
      else built.push({ role: ref.role, parts: [made] });
    }
    return built.length === 0 ? undefined : built;
  }

  function llmCall(call: LlmCallOperation): void {
    if (options.price !== undefined) priceCall(call, options.price);
    if (policy === 'none') return;
    call.inputMessages = messages(call.inputs);
    call.outputMessages = messages(call.outputs);
  }

  return {
    process(operation) {
      counts.clear();
      if (operation.kind === 'tool_call' && policy === 'none') peekForSilentFailure(operation);
      if (policy !== 'none') readContents(operation);
      if (operation.kind === 'llm_call') llmCall(operation);
      redactStructure(operation, redactor, counts);
      if (counts.size > 0) noteRedactions(operation, redactor, counts);
      return operation;
    },
  };
}

interface Processed {
  readonly content: Content;
  readonly counts: Counts;
}

function addCounts(to: Counts, from: Counts): void {
  for (const [rule, count] of from) to.set(rule, (to.get(rule) ?? 0) + count);
}

/** Which of an operation's texts a part quotes, first choice first. */
const CONTENT_OF: { readonly [T in MessagePartRef['type']]: readonly Content['name'][] } = {
  text: ['text', 'summary', 'input', 'output'],
  reasoning: ['reasoning'],
  tool_call: ['input'],
  tool_call_response: ['output', 'error'],
};

function noteRedactions(operation: Operation, redactor: Redactor, counts: Counts): void {
  operation.redactions = Object.fromEntries(counts);
  const kinds = new Set<RuleKind>();
  for (const rule of counts.keys()) {
    const kind = redactor.kindOf(rule);
    if (kind !== undefined) kinds.add(kind);
  }
  operation.redactedKinds = [...kinds];
}
