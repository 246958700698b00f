import { join } from 'node:path';
import { SESSION_KEY } from '../../session/identifiers.ts';
import type { SourceContext } from '../agent.ts';
import { labelOf, objectOf, parsedJson } from '../json-values.ts';
import { type Scene, state } from './scene.ts';

const ROOT = /^(.*)[/\\](?:sessions|archived_sessions)[/\\]/;

/** The name that a person gave the thread, from the index of all threads; the last entry counts. */
export function stateThreadName(scene: Scene, { path, sidecars, nameOf }: SourceContext): void {
  const { session } = scene.state;
  const root = ROOT.exec(path)?.[1];
  const index = root === undefined ? undefined : sidecars.read(join(root, 'session_index.jsonl'));
  let title: string | undefined;
  for (const row of index?.split('\n') ?? []) {
    if (!row.includes(session)) continue;
    const entry = objectOf(parsedJson(row));
    if (entry?.id === session) title = labelOf(entry.thread_name, 500) ?? title;
  }
  if (title === undefined) return;
  state(scene, 'session_info', {
    eventId: `index/${nameOf(title)}`,
    operationKey: SESSION_KEY,
    facts: { title },
  });
}
