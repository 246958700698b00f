import { useMemo, useState } from 'preact/hooks';
import { formatCount, formatDuration } from '../format.ts';
import type { Update } from './app-state.ts';
import type { SessionData } from './session-data.ts';
import { type ToolStatistics, toolStatistics } from './tool-statistics.ts';

interface ToolColumn {
  readonly title: string;
  readonly value: (tool: ToolStatistics) => number | string;
  readonly text: (tool: ToolStatistics) => string;
  readonly bad?: boolean;
}

const figure = (title: string, key: keyof ToolStatistics, bad = false): ToolColumn => ({
  title,
  value: (tool) => tool[key],
  text: (tool) => formatCount(Number(tool[key])),
  bad,
});
const time = (title: string, key: keyof ToolStatistics): ToolColumn => ({
  title,
  value: (tool) => tool[key],
  text: (tool) => (tool.timed === 0 ? '–' : formatDuration(Number(tool[key]))),
});

const COLUMNS: readonly ToolColumn[] = [
  { title: 'Tool', value: (tool) => tool.name, text: (tool) => tool.name },
  figure('Calls', 'calls'),
  figure('Errors', 'errors', true),
  figure('Denied', 'denied', true),
  figure('Silent failures', 'silent', true),
  time('Total time', 'totalMicros'),
  time('Median', 'medianMicros'),
  time('95 %', 'p95Micros'),
  time('Longest', 'longestMicros'),
];

function compare(a: number | string, b: number | string): number {
  return typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
}

function ToolRow({ tool, most, update }: { tool: ToolStatistics; most: number; update: Update }) {
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="link"
          onClick={() =>
            update({
              tab: 'waterfall',
              query: tool.name,
              problemsOnly: false,
              hiddenKinds: new Set(),
            })
          }
        >
          {tool.name}
        </button>
        <span class="share" style={{ width: `${(tool.totalMicros / most) * 100}%` }} />
      </th>
      {COLUMNS.slice(1).map((column) => (
        <td key={column.title} class={column.bad && column.value(tool) !== 0 ? 'bad' : ''}>
          {column.bad && column.value(tool) === 0 ? '–' : column.text(tool)}
        </td>
      ))}
    </tr>
  );
}

function Metrics({ data }: { data: SessionData }) {
  const { metrics } = data;
  if (metrics.length === 0) return null;
  return (
    <section>
      <h2>Behaviour of the session</h2>
      <dl class="pairs metrics">
        {metrics.map(({ title, text, description }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              {text} <span class="dim">{description}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Statistics per tool, sorted by the selected heading; clicking a tool's name shows its calls. */
export function ToolTable({ data, update }: { data: SessionData; update: Update }) {
  const tools = useMemo(() => toolStatistics(data.rows), [data]);
  const [sort, setSort] = useState({ title: 'Total time', down: true });
  const column = COLUMNS.find((one) => one.title === sort.title) ?? COLUMNS[0];
  const sorted = [...tools].sort(
    (a, b) => (column ? compare(column.value(a), column.value(b)) : 0) * (sort.down ? -1 : 1),
  );
  const most = Math.max(1, ...tools.map((tool) => tool.totalMicros));
  const press = (title: string): void =>
    setSort({ title, down: sort.title === title ? !sort.down : title !== 'Tool' });
  return (
    <section
      class="tools"
      aria-label="Tool statistics"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys have to reach it
      tabIndex={0}
    >
      {tools.length === 0 && <p class="empty">No tool was called in this session.</p>}
      {tools.length > 0 && (
        <table>
          <thead>
            <tr>
              {COLUMNS.map(({ title }) => (
                <th
                  key={title}
                  scope="col"
                  aria-sort={
                    sort.title === title ? (sort.down ? 'descending' : 'ascending') : 'none'
                  }
                >
                  <button type="button" class="link" onClick={() => press(title)}>
                    {title} {sort.title === title ? (sort.down ? '↓' : '↑') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((tool) => (
              <ToolRow key={tool.name} tool={tool} most={most} update={update} />
            ))}
          </tbody>
        </table>
      )}
      <Metrics data={data} />
    </section>
  );
}
