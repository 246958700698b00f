import { costNotes, formatCost, formatCount, formatDuration, formatTime } from '../format.ts';
import type { ViewerSession } from '../viewer-data.ts';
import type { AppState, Theme, Update } from './app-state.ts';

const NEXT_THEME: { readonly [theme in Theme]: Theme } = {
  auto: 'light',
  light: 'dark',
  dark: 'auto',
};

interface Figure {
  readonly label: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly bad?: boolean | undefined;
}

function figures({ totals }: ViewerSession): Figure[] {
  const { usage, cost } = totals;
  const cached = usage?.cacheRead ? `${formatCount(usage.cacheRead)} cached` : undefined;
  const errors = totals.toolErrors + totals.llmErrors;
  const others = [
    totals.denials > 0 && `${totals.denials} denied`,
    totals.interrupts > 0 && `${totals.interrupts} interrupted`,
    totals.silentFailures > 0 && `${totals.silentFailures} silent`,
    totals.unfinished > 0 && `${totals.unfinished} unfinished`,
  ];
  return [
    { label: 'Duration', value: formatDuration(totals.endMicros - totals.startMicros) },
    { label: 'Turns', value: formatCount(totals.turns) },
    { label: 'LLM calls', value: formatCount(totals.llmCalls) },
    { label: 'Tool calls', value: formatCount(totals.toolCalls) },
    {
      label: 'Errors',
      value: formatCount(errors),
      bad: errors > 0,
      note: others.filter(Boolean).join(', '),
    },
    {
      label: 'Tokens in',
      value: usage?.input === undefined ? '–' : formatCount(usage.input),
      note: cached,
    },
    { label: 'Tokens out', value: usage?.output === undefined ? '–' : formatCount(usage.output) },
    {
      label: 'Cost',
      value: formatCost(cost),
      note: cost && costNotes(cost),
    },
  ];
}

function Facts({ session }: { session: ViewerSession }) {
  const { head, totals } = session;
  const facts = [
    [head.agentName, head.agentVersion].filter(Boolean).join(' '),
    totals.models.join(', '),
    `${formatTime(totals.startMicros).replace('T', ' ').replace('Z', ' UTC')}`,
    `${totals.state}, ended: ${totals.outcome}`,
    head.cwd,
    head.gitBranch && `branch ${head.gitBranch}`,
  ];
  return (
    <p class="facts">
      {facts.filter(Boolean).map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      <span class="mono">{head.sessionId}</span>
    </p>
  );
}

/** Title, session details and figures. */
export function Header({
  session,
  state,
  update,
}: {
  session: ViewerSession;
  state: AppState;
  update: Update;
}) {
  const theme = state.theme;
  return (
    <header class="header">
      <div class="title-line">
        <h1 dir="auto">{session.title}</h1>
        <button type="button" class="quiet" onClick={() => update({ theme: NEXT_THEME[theme] })}>
          Theme: {theme}
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => update({ helpOpen: true })}
          aria-haspopup="dialog"
        >
          Keys
        </button>
      </div>
      <Facts session={session} />
      <dl class="figures" tabIndex={0}>
        {figures(session).map(({ label, value, note, bad }) => (
          <div key={label} class={bad ? 'figure bad' : 'figure'}>
            <dt>{label}</dt>
            <dd>
              <span class="value">{value}</span>
              {note && <span class="note">{note}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </header>
  );
}
