import type { Redactor } from '../processing/redaction/redactor.ts';
import type { EventDraft, Facts } from '../session/event.ts';

/** Facts that are keys or identifiers: redacting them would separate calls from their results. */
const KEPT: ReadonlySet<string> = new Set([
  'inputs',
  'outputs',
  'llm',
  'call_id',
  'agent',
  'prompt_id',
]);

/** Redacts drafts before they are stored; what is removed here cannot be recovered. */
export function draftCleaner(redactor: Redactor): (draft: EventDraft) => EventDraft {
  return (draft) => ({
    ...draft,
    facts: cleanFacts(draft.facts, redactor),
    contents: draft.contents?.map((content) => ({
      ...content,
      text:
        content.media === 'application/json'
          ? redactor.json(content.text)
          : redactor.text(content.text),
    })),
  });
}

function cleanFacts(facts: Facts, redactor: Redactor): Facts {
  const clean: Record<string, Facts[string]> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (KEPT.has(name)) clean[name] = value;
    else if (typeof value === 'string') clean[name] = redactor.text(value);
    else if (Array.isArray(value))
      clean[name] = (value as readonly string[]).map((entry) => redactor.text(entry));
    else clean[name] = value;
  }
  return clean;
}
