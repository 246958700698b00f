import type { OperationKind } from '../session/event.ts';
import { CONTAINER_KINDS } from '../session/operation.ts';

type Unknown = Record<string, unknown>;

const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What is wrong with the answer of an external mapper, as the end of a sentence; undefined if nothing is. The root
 * (`session`) must be a span.
 */
export function checkDraft(
  draft: unknown,
  kind: OperationKind,
  spanKinds: ReadonlySet<OperationKind>,
): string | undefined {
  const isRoot = kind === 'session';
  const mustBeSpan = isRoot || (spanKinds.has(kind) && CONTAINER_KINDS.has(kind));
  if (draft === null || draft === undefined) {
    return mustBeSpan ? 'it must be a span, because other spans are its children' : undefined;
  }
  if (!isObject(draft)) return `it must be an object or null, not ${typeof draft}`;
  if (typeof draft.then === 'function') return 'it must not be a promise: mappers are synchronous';
  if (draft.type === 'root_event') {
    if (mustBeSpan) return 'it must be a span, because other spans are its children';
    return checkNamed(draft) ?? checkTime(draft.atMicros);
  }
  if (draft.type !== 'span') return '`type` must be span or root_event';
  if (!isRoot && !spanKinds.has(kind)) return `a span needs ${kind} in \`spanKinds\``;
  return checkSpan(draft);
}

function checkSpan(draft: Unknown): string | undefined {
  const { kind, error, events, links } = draft;
  if (typeof kind !== 'number' || !Number.isInteger(kind) || kind < 0 || kind > 4) {
    return '`kind` must be one of SPAN_KIND';
  }
  if (error !== undefined && !isObject(error)) return '`error` must be an object or absent';
  if (isObject(error) && error.message !== undefined && typeof error.message !== 'string') {
    return '`error.message` must be text or absent';
  }
  if (links !== undefined && !(Array.isArray(links) && links.every(isLink))) {
    return '`links` must be an array of objects with a `traceparent`';
  }
  for (const { attributes } of (links ?? []) as Unknown[]) {
    const problem = attributes === undefined ? undefined : checkAttributes(attributes);
    if (problem !== undefined) return `in \`links\`: ${problem}`;
  }
  if (events !== undefined && !Array.isArray(events)) return '`events` must be an array';
  for (const event of events ?? []) {
    const problem = isObject(event)
      ? (checkNamed(event) ?? checkTime(event.atMicros))
      : 'an event is not an object';
    if (problem !== undefined) return `in \`events\`: ${problem}`;
  }
  return checkNamed(draft);
}

const isLink = (link: unknown) => isObject(link) && typeof link.traceparent === 'string';

function checkTime(atMicros: unknown): string | undefined {
  if (atMicros === undefined) return undefined;
  return Number.isSafeInteger(atMicros) ? undefined : '`atMicros` must be whole microseconds';
}

function checkNamed({ name, attributes }: Unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return '`name` must be a text';
  return checkAttributes(attributes);
}

function checkAttributes(attributes: unknown): string | undefined {
  if (!isObject(attributes)) return '`attributes` must be an object';
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) {
      // Setting a value to undefined is a usual way to leave it out in JavaScript; readers must not see it.
      delete attributes[key];
    } else if (!isAttributeValue(value)) {
      return `the attribute ${JSON.stringify(key)} must be a text, a finite number, a boolean, or an array of texts or numbers`;
    }
  }
  return undefined;
}

function isAttributeValue(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (!Array.isArray(value)) return false;
  return (
    value.every((item) => typeof item === 'string') || value.every((item) => Number.isFinite(item))
  );
}
