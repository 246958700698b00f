import type { Content } from '../session/operation.ts';
import type { ContentPolicy } from '../session/run-choices.ts';
import type { Counts, Redactor } from './redaction/redactor.ts';

/** The content with the text that the policy allows; the same object if it allows none. */
export function applyPolicy(
  content: Content,
  policy: ContentPolicy,
  redactor: Redactor,
  text: string | undefined,
  counts: Counts,
): Content {
  if (policy === 'none' || text === undefined) return content;
  return {
    name: content.name,
    media: content.media,
    size: content.size,
    commitment: content.commitment,
    seq: content.seq,
    text: policy === 'full' ? text : redactedText(content.media, redactor, text, counts),
  };
}

function redactedText(
  media: Content['media'],
  redactor: Redactor,
  text: string,
  counts: Counts,
): string {
  return media === 'application/json' ? redactor.json(text, counts) : redactor.text(text, counts);
}
