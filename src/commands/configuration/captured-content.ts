import type { ContentPolicy } from '../../session/run-choices.ts';

const VARIABLE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

/** Content is sent on spans only, so `event_only` asks for none. */
const POLICIES: ReadonlyMap<string, ContentPolicy> = new Map([
  ['true', 'redacted'],
  ['span_only', 'redacted'],
  ['span_and_event', 'redacted'],
  ['false', 'none'],
  ['no_content', 'none'],
  ['event_only', 'none'],
]);

/**
 * The content policy that the standard variable asks for, never `full`; undefined if it is not set. A value that is not
 * understood means `none`, with a warning: a variable that somebody set to withhold content must not let it out.
 */
export function capturedContent(
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): ContentPolicy | undefined {
  const value = env[VARIABLE]?.trim().toLowerCase() ?? '';
  if (value === '') return undefined;
  const policy = POLICIES.get(value);
  if (policy === undefined)
    warn(`${VARIABLE} is not one of ${[...POLICIES.keys()].join(', ')}; no content is included`);
  return policy ?? 'none';
}
