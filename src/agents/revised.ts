import type { EventDraft, EventKind } from '../session/event.ts';
import { revisedEventId } from '../session/identifiers.ts';
import type { SourceContext } from './agent.ts';
import { type DraftFields, draftOf, type Origin } from './drafts.ts';

/**
 * A fact from a record that its source rewrites in place. Its id includes what is stated: the same statement read again
 * is the same fact, a changed one a further fact. `revision` (when the record was changed) decides which one holds.
 */
export function revisedDraft(
  origin: Origin,
  kind: EventKind,
  fields: DraftFields,
  { revision, nameOf }: { readonly revision: number } & Pick<SourceContext, 'nameOf'>,
): EventDraft {
  const draft = draftOf(origin, kind, fields);
  const stated = nameOf(JSON.stringify([draft.atMicros, draft.facts, draft.contents ?? []]));
  return {
    ...draft,
    eventId: revisedEventId(fields.eventId, stated),
    facts: { ...draft.facts, revision },
  };
}
