import { join } from 'node:path';
import type { SessionEvent } from '../../src/session/event.ts';
import type { Operation } from '../../src/session/operation.ts';
import type { SessionHead, SessionTotals } from '../../src/session/session.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { listSessions } from '../../src/store/sessions.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

export const SESSION = '3f0a6a52-41d7-4c3e-9a52-7f1d2c3b4a60';

type Payload = { readonly [name: string]: unknown };

export interface Told {
  readonly head: SessionHead;
  readonly totals: SessionTotals;
  readonly operations: readonly Operation[];
}

/** An agent with hooks, recording into a store of its own. */
export interface HookedAgent {
  readonly db: string;
  readonly env: Record<string, string>;
  /** Runs the hook as the agent would; the payload gets the session and the names every payload has. */
  hook(event: string, payload?: Payload, args?: readonly string[]): Promise<CliResult>;
  show(): Promise<Told>;
  /** Everything recorded, in the order in which it was. */
  facts(): SessionEvent[];
}

export function hookedAgent(common: Payload = {}, folder = temporaryFolder()): HookedAgent {
  const db = join(folder, 'store.db');
  const env: Record<string, string> = { AGENT_STRACE_DB: db, HOME: folder };
  return {
    db,
    env,
    hook: (event, payload = {}, args = []) =>
      runCli(['hook', ...args, event], {
        env,
        input: JSON.stringify({
          session_id: SESSION,
          hook_event_name: event,
          ...common,
          ...payload,
        }),
      }),
    async show() {
      const { stdout, stderr, code } = await runCli(
        ['show', '--json', '--content', 'full', SESSION],
        { env },
      );
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as Told;
    },
    facts() {
      const store = openStore({ path: db, mode: 'read' });
      try {
        const reader = createTraceReader(store);
        return listSessions(store)
          .flatMap((root) => reader.page(root.id, 0, Number.MAX_SAFE_INTEGER, 10_000))
          .map(({ event }) => event);
      } finally {
        store.close();
      }
    },
  };
}

/** The only operation of a kind; fails when there are more or none. */
export function only<K extends Operation['kind']>(told: Told, kind: K): Operation & { kind: K } {
  const found = told.operations.filter(
    (operation): operation is Operation & { kind: K } => operation.kind === kind,
  );
  if (found.length !== 1) throw new Error(`${found.length} operations of kind ${kind}`);
  return found[0]!;
}
