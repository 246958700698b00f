import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { type AppState, initialState, reduce, scaleOf, type Tab } from './app-state.ts';
import { Charts } from './charts.tsx';
import { Details } from './details.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { runKey } from './keyboard.ts';
import { Minimap } from './minimap.tsx';
import type { SessionData } from './session-data.ts';
import { useTextSearch } from './text-search.ts';
import { ToolTable } from './tool-table.tsx';
import { Toolbar } from './toolbar.tsx';
import { visibleRows, wordsOf } from './visible-rows.ts';
import { ROW_PIXELS, Waterfall } from './waterfall.tsx';

const TABS: readonly { readonly id: Tab; readonly title: string }[] = [
  { id: 'waterfall', title: 'Waterfall' },
  { id: 'charts', title: 'Tokens and cost' },
  { id: 'tools', title: 'Tools' },
];

function useVisible(data: SessionData, state: AppState) {
  const words = useMemo(() => wordsOf(state.query), [state.query]);
  const search = useTextSearch(data, words);
  const { hiddenKinds, problemsOnly, collapsed } = state;
  const visible = useMemo(
    () =>
      visibleRows(
        data.rows,
        { words, hiddenKinds, problemsOnly, textMatches: search.matches },
        collapsed,
      ),
    [data, words, hiddenKinds, problemsOnly, search.matches, collapsed],
  );
  return { words, search, visible };
}

/** Keeps the address on the selected row and the chosen theme on the document. */
function useDocument(data: SessionData, { selected, theme }: AppState): void {
  useEffect(() => {
    const id = data.rows[selected]?.id;
    if (id !== undefined) history.replaceState(null, '', `#op=${id}`);
  }, [data, selected]);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
}

/** Keys act while nothing else that takes keys has the focus. */
function takesKeys(target: EventTarget | null): boolean {
  return (
    target === document.body ||
    (target instanceof Element && target.closest('[role="tree"]') !== null)
  );
}

/** The whole page. */
export function App({ data }: { data: SessionData }) {
  const [state, update] = useReducer(reduce, data, initialState);
  const { words, search, visible } = useVisible(data, state);
  const scale = useMemo(() => scaleOf(data, state.collapseIdle), [data, state.collapseIdle]);
  const searchBox = useRef<HTMLInputElement>(null);
  useDocument(data, state);

  // Before the next event, not after the next picture: keys may come fast.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' && !takesKeys(event.target)) return;
      if (state.tab !== 'waterfall' && event.key !== '?' && event.key !== 'Escape') return;
      const pageRows = Math.max(1, Math.floor(innerHeight / ROW_PIXELS / 2));
      const context = {
        state,
        update,
        visible,
        all: data.rows,
        scale,
        pageRows,
        focusSearch: () => searchBox.current?.focus(),
      };
      if (runKey(event, context)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  const selected = data.rows[state.selected];
  return (
    <div class="page">
      <Header session={data.session} state={state} update={update} />
      <div class="tabs" role="tablist" aria-label="Views">
        {TABS.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={state.tab === id}
            aria-controls="panel"
            onClick={() => update({ tab: id })}
          >
            {title}
          </button>
        ))}
      </div>
      <main>
        <div
          id="panel"
          role="tabpanel"
          tabIndex={state.tab === 'charts' ? 0 : undefined}
          aria-labelledby={`tab-${state.tab}`}
          class={`panel panel-${state.tab}`}
        >
          {state.tab === 'waterfall' && (
            <>
              <Toolbar
                data={data}
                state={state}
                update={update}
                visible={visible}
                search={search}
                scale={scale}
                searchBox={searchBox}
              />
              <Minimap
                rows={data.rows}
                scale={scale}
                window={state.window}
                theme={state.theme}
                update={update}
              />
              <div class="split">
                <Waterfall
                  visible={visible}
                  state={state}
                  update={update}
                  scale={scale}
                  words={words}
                />
                {state.detailsOpen && selected && (
                  <Details data={data} row={selected} scale={scale} words={words} update={update} />
                )}
              </div>
            </>
          )}
          {state.tab === 'charts' && (
            <Charts rows={data.rows} scale={scale} theme={state.theme} update={update} />
          )}
          {state.tab === 'tools' && <ToolTable data={data} update={update} />}
        </div>
      </main>
      {state.helpOpen && <Help update={update} />}
    </div>
  );
}
