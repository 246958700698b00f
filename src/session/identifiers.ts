import { hash } from 'node:crypto';

/** The form of a UUID, in any letter case. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const HEX_32 = /^[0-9a-f]{32}$/i;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

/**
 * Trace id of a root session: 32 lower-case hex digits. A UUID or 32 hex digits are used as they are (without dashes);
 * for anything else, and for the nil UUID, it is the first 16 bytes of the SHA-256.
 */
export function traceIdOf(rootSession: string): string {
  if (UUID.test(rootSession) || HEX_32.test(rootSession)) {
    const id = rootSession.replaceAll('-', '').toLowerCase();
    if (id !== ZERO_TRACE) return id;
  }
  return hash('sha256', rootSession, 'hex').slice(0, 32);
}

/** The lower-case hex digits of a text that may begin a trace id or UUID; undefined for other texts. */
export function traceIdStart(text: string): string | undefined {
  const digits = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{1,32}$/.test(digits) ? digits : undefined;
}

/** Hex digits with the dashes of a UUID; the UUID may be cut short. */
export function uuidStart(digits: string): string {
  return digits
    .replace(/^(.{8})(.{1,4})(.{0,4})(.{0,4})(.*)$/, '$1-$2-$3-$4-$5')
    .replace(/-+$/, '');
}

/**
 * Operation id, which is also the span id: the first 8 bytes of SHA-256(session, native key) as 16 hex digits, never
 * all zeros. A session id cannot contain the separator, so pairs cannot collide.
 */
export function operationIdOf(session: string, nativeKey: string): string {
  const id = hash('sha256', `${session}\n${nativeKey}`, 'hex').slice(0, 16);
  return id === ZERO_SPAN ? '0000000000000001' : id;
}

const LITERAL_SPAN = /^span:([0-9a-f]{16})$/;

/**
 * Operation id of a native key as sources state it. `<session>\n<key>` names an operation of another
 * session; `span:<16 hex>` is a recording's own span id, used as it is.
 */
export function resolveOperationKey(session: string, key: string): string {
  const literal = LITERAL_SPAN.exec(key);
  if (literal?.[1] !== undefined && literal[1] !== ZERO_SPAN) return literal[1];
  const cut = key.indexOf('\n');
  return cut === -1
    ? operationIdOf(session, key)
    : operationIdOf(key.slice(0, cut), key.slice(cut + 1));
}

/** Whether the key carries a span id from the recording, which another session may carry too. */
export function isLiteralSpanKey(key: string): boolean {
  return LITERAL_SPAN.test(key);
}

/** Native key of the session operation, whose id is the root span's id. */
export const SESSION_KEY = 'session';

/** Native key of a subagent's operation; its lane has the same name. */
export function subagentKey(agentId: string): string {
  return `agent:${agentId}`;
}

/** Event id of a statement about a record that may be stated anew; `digest` stands for what it states: 16 hex digits. */
export function revisedEventId(record: string, digest: string): string {
  return `${record}/r${digest}`;
}

/** The record that an event states, the same for each of its {@link revisedEventId}s. */
export function recordOf(eventId: string): string {
  return eventId.replace(/\/r[0-9a-f]{16}$/, '');
}
