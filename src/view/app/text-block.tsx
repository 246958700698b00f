import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatBytes, formatCount } from '../format.ts';
import type { ViewerText } from '../viewer-data.ts';
import { Highlight } from './highlight.tsx';
import { indentedJson } from './indented-json.ts';

/** Longer texts are not reformatted as indented JSON. */
const LONGEST_INDENTED = 200_000;

function indented({ text = '', json, cut }: ViewerText): string {
  if (!json || cut || text.length > LONGEST_INDENTED) return text;
  try {
    JSON.parse(text);
    return indentedJson(text);
  } catch {
    return text; // Redaction or the recording itself may have left no valid JSON.
  }
}

interface TextBlockProps {
  readonly title: string;
  /** Undefined if the text is not in this session. */
  readonly one: ViewerText | undefined;
  readonly words: readonly string[];
  /** Buttons beside the title. */
  readonly children?: ComponentChildren;
}

function Missing({ one }: { one: ViewerText | undefined }) {
  if (one === undefined) return <p class="dim">Not recorded in this session.</p>;
  return (
    <p class="dim">
      Not in this file by its content policy. Commitment{' '}
      <span class="mono">{one.commitment?.slice(0, 16)}…</span>
    </p>
  );
}

/** One recorded text with its title and the search words highlighted. */
export function TextBlock({ title, one, words, children }: TextBlockProps) {
  const text = useMemo(() => (one?.text === undefined ? undefined : indented(one)), [one]);
  const [wrap, setWrap] = useState(true);
  return (
    <section class="text">
      <div class="text-title">
        <h3>{title}</h3>
        {one?.size !== undefined && <span class="dim">{formatBytes(one.size)}</span>}
        <span class="text-buttons">
          {children}
          {text !== undefined && (
            <button type="button" class="quiet" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
              Wrap
            </button>
          )}
        </span>
      </div>
      {text === undefined ? (
        <Missing one={one} />
      ) : (
        <pre
          class={wrap ? 'wrap' : ''}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys have to reach it
          tabIndex={0}
        >
          <Highlight text={text} words={words} />
        </pre>
      )}
      {one?.cut !== undefined && (
        <p class="note">Cut here: {formatCount(one.cut)} more characters are in the store.</p>
      )}
    </section>
  );
}
