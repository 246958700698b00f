import type { EventDraft, Facts } from '../session/event.ts';
import type { JsonObject } from './json-values.ts';

/** What a hook can look up of its own session. Everything is `undefined` where there is no store to look into. */
export interface HookMemory {
  /** Time of a recorded fact in microseconds; null when there is no such fact. */
  at(session: string, eventId: string): number | null | undefined;
  /**
   * What follows `prefix` in the id of the oldest such call that has no result; those about which a fact of the id
   * `askedPrefix` + the same end was recorded come last.
   */
  pendingCall(session: string, prefix: string, askedPrefix: string): string | undefined;
  /** 16 hex digits under the store's own key: equal texts have equal digests, nothing else can be learned. */
  digest(text: string): string | undefined;
}

/** One call of a hook, as it reached us. */
export interface HookCall {
  readonly event: string;
  readonly payload: JsonObject;
  /** When the hook was started, microseconds. */
  readonly atMicros: number;
  /** Names facts that the payload gives no name: unique to this call. */
  readonly unique: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly memory: HookMemory;
}

/**
 * What an agent's hooks tell. A fact belongs to an operation only where the payload names it by the key that the
 * agent's recording uses too; everything else is a notice, so that nothing is ever told twice.
 */
export interface AgentHooks {
  /** Name for `--agent`. */
  readonly agent: string;
  readonly product: string;
  /** Event with which an agent's process starts or takes up a session; its process is recorded then. */
  readonly startEvent: string;
  /** Native session id; undefined where the payload names none. */
  session(payload: JsonObject): string | undefined;
  /** Native id of the root session, where the session is a subagent's. */
  root?(payload: JsonObject): string | undefined;
  /** What the session's start can say. */
  start(call: HookCall): Facts;
  /** Never throws on any JSON object. */
  drafts(call: HookCall): readonly EventDraft[];
}
