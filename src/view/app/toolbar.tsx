import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import type { OperationKind } from '../../session/event.ts';
import { formatCount } from '../format.ts';
import type { TimeScale } from '../time-scale.ts';
import type { AppState, Update } from './app-state.ts';
import { KIND_LOOKS } from './kinds.ts';
import { focusRows } from './page-keys.ts';
import type { Row } from './row.ts';
import type { SessionData } from './session-data.ts';
import type { TextSearch } from './text-search.ts';
import { WHOLE, zoomWindow } from './time-window.ts';
import type { VisibleRows } from './visible-rows.ts';

interface ToolbarProps {
  readonly data: SessionData;
  readonly state: AppState;
  readonly update: Update;
  readonly visible: VisibleRows;
  readonly search: TextSearch;
  readonly scale: TimeScale;
  readonly searchBox: RefObject<HTMLInputElement | null>;
}

function countKinds(rows: readonly Row[]): [OperationKind, number][] {
  const counts = new Map<OperationKind, number>();
  for (const row of rows) counts.set(row.kind, (counts.get(row.kind) ?? 0) + 1);
  const order = Object.keys(KIND_LOOKS);
  return [...counts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

function toggled<Value>(set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

function SearchBox({ state, update, visible, search, searchBox }: ToolbarProps) {
  const searching = state.query.trim() !== '';
  const found = `${formatCount(visible.matches.size)} found`;
  const reading =
    search.progress < 1 ? `, reading texts ${Math.floor(search.progress * 100)} %` : '';
  return (
    <div class="search">
      <input
        ref={searchBox}
        type="search"
        placeholder="Search names, inputs, outputs  ( / )"
        aria-label="Search names, inputs and outputs"
        value={state.query}
        onInput={(event) => update({ query: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') focusRows();
        }}
      />
      <span class="dim" role="status">
        {searching ? found + reading : ''}
      </span>
    </div>
  );
}

function KindButtons({ data, state, update }: ToolbarProps) {
  const kinds = useMemo(() => countKinds(data.rows), [data]);
  const problems = useMemo(() => data.rows.filter((row) => row.mark !== 'ok').length, [data]);
  return (
    <fieldset class="chips" aria-label="Shown kinds">
      {kinds.map(([kind, count]) => (
        <button
          key={kind}
          type="button"
          class="chip"
          aria-pressed={!state.hiddenKinds.has(kind)}
          onClick={() => update({ hiddenKinds: toggled(state.hiddenKinds, kind) })}
        >
          <span class="dot" style={{ background: `var(${KIND_LOOKS[kind].color})` }} />
          {KIND_LOOKS[kind].many} <span class="count">{formatCount(count)}</span>
        </button>
      ))}
      <button
        type="button"
        class="chip problems"
        aria-pressed={state.problemsOnly}
        onClick={() => update({ problemsOnly: !state.problemsOnly })}
      >
        <span class="dot" style={{ background: 'var(--bad)' }} />
        Only problems <span class="count">{formatCount(problems)}</span>
      </button>
    </fieldset>
  );
}

function ViewButtons({ data, state, update, scale }: ToolbarProps) {
  const zoom = (factor: number): void =>
    update(({ window }) => ({ window: zoomWindow(window, factor, 0.5, scale) }));
  const collapseAll = (): void => {
    const parents = data.rows.filter((row) => row.subtreeEnd > row.index + 1);
    update({
      collapsed: state.collapsed.size > 0 ? new Set() : new Set(parents.map((row) => row.index)),
    });
  };
  return (
    <fieldset class="buttons" aria-label="View">
      <button type="button" onClick={() => zoom(1.6)} aria-label="Zoom out">
        −
      </button>
      <button type="button" onClick={() => zoom(1 / 1.6)} aria-label="Zoom in">
        +
      </button>
      <button type="button" onClick={() => update({ window: WHOLE })}>
        Whole
      </button>
      <button type="button" onClick={collapseAll}>
        {state.collapsed.size > 0 ? 'Open all' : 'Close all'}
      </button>
      <button
        type="button"
        aria-pressed={!state.collapseIdle}
        onClick={() => update({ collapseIdle: !state.collapseIdle, window: WHOLE })}
      >
        Idle time
      </button>
    </fieldset>
  );
}

/** Search, filters and zoom. */
export function Toolbar(props: ToolbarProps) {
  return (
    <div class="toolbar">
      <SearchBox {...props} />
      <ViewButtons {...props} />
      <KindButtons {...props} />
    </div>
  );
}
