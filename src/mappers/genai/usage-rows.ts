import type { LlmCallOperation } from '../../session/operation.ts';
import type { AttributeRow } from '../attribute-table.ts';
import { GENAI, GENAI_OLD } from '../semconv/genai.ts';

/** Tokens of one response; the totals contain the parts. */
export const USAGE_ROWS: readonly AttributeRow<LlmCallOperation>[] = [
  {
    key: GENAI.usageInput,
    type: 'int',
    doc: 'All input tokens, cached ones included.',
    from: ({ usage }) => usage?.input,
  },
  {
    key: GENAI.usageOutput,
    type: 'int',
    doc: 'All output tokens, reasoning included.',
    from: ({ usage }) => usage?.output,
  },
  {
    key: GENAI.usageCacheRead,
    type: 'int',
    doc: 'Part of the input read from the cache.',
    from: ({ usage }) => usage?.cacheRead,
  },
  {
    key: GENAI.usageCacheWrite,
    type: 'int',
    doc: 'Part of the input written to the cache.',
    from: ({ usage }, { options }) =>
      options.semconv === 'legacy' ? undefined : usage?.cacheWrite,
  },
  {
    key: GENAI_OLD.usageCacheCreation,
    type: 'int',
    doc: 'The same under its former name; only under `--semconv dual` and `legacy`.',
    from: ({ usage }, { options }) =>
      options.semconv === 'latest' ? undefined : usage?.cacheWrite,
  },
  {
    key: GENAI.usageReasoning,
    type: 'int',
    doc: 'Part of the output spent on reasoning.',
    from: ({ usage }) => usage?.reasoning,
  },
  {
    key: GENAI_OLD.usagePrompt,
    type: 'int',
    doc: 'Input tokens under their oldest name; only under `--semconv dual`.',
    from: ({ usage }, { options }) => (options.semconv === 'dual' ? usage?.input : undefined),
  },
  {
    key: GENAI_OLD.usageCompletion,
    type: 'int',
    doc: 'Output tokens under their oldest name; only under `--semconv dual`.',
    from: ({ usage }, { options }) => (options.semconv === 'dual' ? usage?.output : undefined),
  },
];
