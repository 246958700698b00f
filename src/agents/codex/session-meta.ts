import type { Facts } from '../../session/event.ts';
import { SESSION_KEY, subagentKey } from '../../session/identifiers.ts';
import { countOf, type JsonObject, labelOf, nativeIdOf, objectOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { type Scene, state } from './scene.ts';

/**
 * `session_meta`. The first one is this thread's; a second one with another id was copied from the thread that this one
 * was forked from. Instructions and tool lists in it are never read.
 */
export function readSessionMeta(scene: Scene): void {
  const { payload } = scene.line;
  const now = scene.state;
  const id = nativeIdOf(payload.id);
  if (now.metaSeen || (now.started && id !== undefined && id !== now.session)) {
    if (id !== undefined && id !== now.session) {
      now.inherits = true;
      if (now.copying !== undefined) now.copying.sure = true;
      else if (now.cutBefore === undefined) startCopying(scene, true, scene.line.atMicros);
    }
    return;
  }
  now.metaSeen = true;
  if (!now.started && id !== undefined) now.session = id;
  now.madeAt = microsOfIso(payload.timestamp);
  const spawn = readParent(scene, payload);
  readCut(scene, payload);
  now.provider = labelOf(payload.model_provider, 100) ?? now.provider;
  const git = objectOf(payload.git);
  startSession(scene, {
    agent_version: labelOf(payload.cli_version, 60),
    cwd: labelOf(payload.cwd),
    git_branch: labelOf(git?.branch, 300),
    git_commit: labelOf(git?.commit_hash, 64),
    entrypoint: labelOf(payload.originator, 100) ?? labelOf(payload.source, 100),
    provider: now.provider,
    parent_session: labelOf(payload.forked_from_id, 200) ?? labelOf(payload.parent_thread_id, 200),
  });
  if (spawn !== undefined) stateSubagent(scene, spawn);
}

/** States the session's start once; what is learned later is a further fact. */
export function startSession(scene: Scene, facts: Facts = {}): void {
  const now = scene.state;
  const again = now.started;
  now.started = true;
  // The file is written with the first turn, which may be long after the thread was created.
  const made = again ? undefined : microsOfIso(scene.line.payload.timestamp);
  const isOlder = made !== undefined && made <= scene.line.atMicros;
  state(scene, again ? 'session_info' : 'session_start', {
    eventId: again ? 'session_meta' : 'session_start',
    operationKey: SESSION_KEY,
    facts: again ? facts : { agent: 'codex', agent_name: 'Codex', ...facts },
    ...(isOlder ? { atMicros: made, timeBasis: 'recorded' as const } : {}),
  });
}

interface Spawn {
  parent: string | undefined;
  depth: number | undefined;
  role: string | undefined;
  nickname: string | undefined;
}

function spawnOf(payload: JsonObject): Spawn | undefined {
  const subagent = objectOf(payload.source)?.subagent;
  const spawn = objectOf(objectOf(subagent)?.thread_spawn);
  const parent = labelOf(spawn?.parent_thread_id, 200) ?? labelOf(payload.parent_thread_id, 200);
  const isSubagent =
    subagent !== undefined || parent !== undefined || payload.thread_source === 'subagent';
  if (!isSubagent) return undefined;
  return {
    parent,
    depth: countOf(spawn?.depth),
    role:
      labelOf(spawn?.agent_role, 200) ??
      labelOf(payload.agent_role, 200) ??
      labelOf(subagent, 100) ??
      labelOf(objectOf(subagent)?.other, 100),
    nickname:
      labelOf(spawn?.agent_nickname, 200) ??
      labelOf(payload.agent_nickname, 200) ??
      labelOf(spawn?.agent_path, 200) ??
      labelOf(payload.agent_path, 200),
  };
}

function readParent(scene: Scene, payload: JsonObject): Spawn | undefined {
  const now = scene.state;
  const spawn = spawnOf(payload);
  const root = labelOf(payload.session_id, 200);
  const above = nativeIdOf(root === now.session ? spawn?.parent : (root ?? spawn?.parent));
  if (spawn === undefined || above === undefined || above === now.session) return undefined;
  now.child = true;
  now.root = above;
  return spawn;
}

function stateSubagent(scene: Scene, spawn: Spawn): void {
  const now = scene.state;
  state(scene, 'subagent_start', {
    eventId: 'subagent_start',
    operationKey: subagentKey(now.session),
    facts: {
      agent_id: now.session,
      agent_type: spawn.role,
      description: spawn.nickname,
      depth: spawn.depth,
    },
  });
}

/** Finds where this thread's own history begins, if the file starts with another thread's. */
function readCut(scene: Scene, payload: JsonObject): void {
  const now = scene.state;
  const own = countOf(payload.subagent_history_start_ordinal);
  const base = objectOf(payload.history_base);
  const baseThread = labelOf(base?.thread_id, 200);
  const baseEnd = baseThread === now.session ? undefined : countOf(base?.end_ordinal_exclusive);
  const forked = labelOf(payload.forked_from_id, 200) !== undefined;
  const made = microsOfIso(payload.timestamp) ?? scene.line.atMicros;
  // A later file of the same thread also begins with the counters of the previous one.
  now.inherits = forked || now.child || baseThread !== undefined;
  if (own !== undefined || baseEnd !== undefined) {
    now.cutBefore = Math.max(own ?? 0, baseEnd ?? 0);
    now.forkedAt = made;
    return;
  }
  if (!now.inherits || baseThread === now.session) return;
  startCopying(scene, forked, made);
}

function startCopying({ state: now, line }: Scene, sure: boolean, forkMicros: number): void {
  const { atMicros } = line;
  now.copying = { second: Math.floor(atMicros / 1_000_000), sure, forkMicros, lastAt: atMicros };
}
