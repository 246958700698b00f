import type { Facts } from '../../session/event.ts';
import { linkDraft, originOf } from '../drafts.ts';
import { type JsonObject, labelOf, nativeIdOf } from '../json-values.ts';
import type { Scene } from './scene.ts';

const MAX_THREADS = 50;

/** States, in the sessions of the child threads, which call of this thread started them. */
export function linkSubagents(
  scene: Scene,
  toolKey: string,
  threads: readonly unknown[],
  facts: Facts = {},
): void {
  const { state: now, line } = scene;
  for (const thread of threads.slice(0, MAX_THREADS)) {
    const id = nativeIdOf(thread);
    if (id === undefined || id === now.session) continue;
    scene.out.push(linkDraft(originOf(now), toolKey, id, line, facts));
  }
}

/**
 * An event or item about another thread: only the one for its start names the call that created it. The others are
 * messages and interruptions, and may be about this thread's own parent.
 */
export function linkStarted(scene: Scene, callId: unknown, activity: JsonObject): void {
  const id = labelOf(callId, 300);
  if (id === undefined || !scene.state.calls.has(id)) return;
  if (activity.kind !== undefined && activity.kind !== 'started') return;
  linkSubagents(scene, `tool:${id}`, [activity.agent_thread_id]);
}
