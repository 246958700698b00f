import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { formatDuration, formatElapsed, formatUsd } from '../format.ts';
import type { TimeScale } from '../time-scale.ts';
import type { ViewerDetails, ViewerQuote } from '../viewer-data.ts';
import { showRow, type Update } from './app-state.ts';
import { Highlight } from './highlight.tsx';
import { colorOf, KIND_LOOKS, MARK_WORDS } from './kinds.ts';
import { focusRows } from './page-keys.ts';
import type { Row } from './row.ts';
import type { SessionData } from './session-data.ts';
import { TextBlock } from './text-block.tsx';
import { windowAround } from './time-window.ts';

interface DetailsProps {
  readonly data: SessionData;
  readonly row: Row;
  readonly scale: TimeScale;
  readonly words: readonly string[];
  readonly update: Update;
}

function Pair({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Path({ data, row, update }: DetailsProps) {
  const above: Row[] = [];
  for (let index = row.parent; index >= 0 && above.length < 6; ) {
    const parent = data.rows[index];
    if (!parent) break;
    above.unshift(parent);
    index = parent.parent;
  }
  if (above.length === 0) return null;
  return (
    <nav class="path" aria-label="Rows above">
      {above.map((one) => (
        <button
          key={one.index}
          type="button"
          class="quiet"
          onClick={() => update(showRow(one, data.rows))}
        >
          {one.name} ›
        </button>
      ))}
    </nav>
  );
}

function TitleLine({ row, scale, update }: DetailsProps) {
  return (
    <div class="title-line">
      <h2 style={{ '--kind': `var(${colorOf(row.kind, row.mark)})` }}>{row.name}</h2>
      <button
        type="button"
        class="quiet"
        onClick={() => update({ window: windowAround(row.startMicros, row.endMicros, scale) })}
      >
        Zoom to
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => update({ detailsOpen: false })}
        aria-label="Close the details"
      >
        Close
      </button>
    </div>
  );
}

function Figures({ data, row }: DetailsProps) {
  const { source } = row;
  const start = new Date((data.session.totals.startMicros + row.startMicros) / 1000);
  return (
    <dl class="pairs">
      <Pair label="start (UTC)">{start.toISOString().replace('T', ' ').replace('Z', '')}</Pair>
      <Pair label="after the session's start">{formatDuration(row.startMicros)}</Pair>
      <Pair label="duration">{formatElapsed(source.duration, source.inferred)}</Pair>
      {source.input !== undefined && (
        <Pair label="tokens in">{source.input.toLocaleString('en')}</Pair>
      )}
      {source.cached !== undefined && (
        <Pair label="of these cached">{source.cached.toLocaleString('en')}</Pair>
      )}
      {source.output !== undefined && (
        <Pair label="tokens out">{source.output.toLocaleString('en')}</Pair>
      )}
      {source.cost !== undefined && (
        <Pair label="cost">{formatUsd(source.cost, source.estimated)}</Pair>
      )}
    </dl>
  );
}

/** A message of an LLM call; its text belongs to the operation that recorded it. */
function Quote({ quote, data, words, update }: DetailsProps & { quote: ViewerQuote }) {
  const [direction, role, type] = quote;
  const found = useMemo(() => data.quoted(quote), [data, quote]);
  const tool = found?.row.name ?? 'a tool';
  const what = {
    text: role,
    reasoning: 'reasoning',
    tool_call: `call of ${tool}`,
    tool_call_response: `result of ${tool}`,
  };
  const [first, ...others] = found?.texts ?? [];
  const title = `${direction} · ${what[type]}`;
  return (
    <>
      <TextBlock title={title} one={first} words={words}>
        {found && (
          <button type="button" class="quiet" onClick={() => update(showRow(found.row, data.rows))}>
            Go to
          </button>
        )}
      </TextBlock>
      {others.map((one, index) => (
        <TextBlock key={index} title={title} one={one} words={words} />
      ))}
    </>
  );
}

function Attributes({ row, words, attributes }: DetailsProps & Pick<ViewerDetails, 'attributes'>) {
  return (
    <section class="text">
      <h3>attributes</h3>
      <dl class="pairs">
        <Pair label="span id">
          <span class="mono">{row.id}</span>
        </Pair>
        {attributes.map(([label, value], index) => (
          <Pair key={`${label}-${index}`} label={label}>
            <Highlight text={value} words={words} />
          </Pair>
        ))}
      </dl>
    </section>
  );
}

/** Everything that is known about one operation. */
export function Details(props: DetailsProps) {
  const { data, row, words } = props;
  const details = useMemo(() => data.details(row), [data, row]);
  const failure = details.attributes
    .filter(([label]) => label === 'error' || label === 'error message')
    .map(([, value]) => value);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.scrollTo(0, 0), [row]);
  useLayoutEffect(() => {
    const element = panel.current;
    return () => {
      if (element?.contains(document.activeElement)) focusRows();
    };
  }, []);
  return (
    <aside
      ref={panel}
      class="details"
      aria-label="Details of the selected operation"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys have to reach it
      tabIndex={0}
    >
      <Path {...props} />
      <TitleLine {...props} />
      <p class="badges">
        <span class="badge">{KIND_LOOKS[row.kind].one}</span>
        {row.mark !== 'ok' && <span class={`badge mark-${row.mark}`}>{MARK_WORDS[row.mark]}</span>}
      </p>
      {failure.length > 0 && <p class="failure">{failure.join(': ')}</p>}
      <Figures {...props} />
      {details.texts.map((one, index) => (
        <TextBlock key={`${row.index}-${index}`} title={one.name} one={one} words={words} />
      ))}
      {details.quotes?.map((quote, index) => (
        <Quote key={`${row.index}-${index}`} {...props} quote={quote} />
      ))}
      <Attributes {...props} attributes={details.attributes} />
    </aside>
  );
}
