import { expect } from 'vitest';
import type { Agent } from '../../src/agents/agent.ts';
import type { EventDraft } from '../../src/session/event.ts';
import { operationsOf, type Reading, readText } from './reading.ts';

/** What the store takes for granted of any draft. */
export function expectWellFormed(drafts: readonly EventDraft[]): void {
  for (const draft of drafts) {
    const where = `${draft.kind} ${draft.eventId}`;
    expect(draft.session, where).not.toBe('');
    expect(draft.eventId, where).not.toBe('');
    expect(draft.operationKey, where).not.toBe('');
    expect(Number.isSafeInteger(draft.atMicros) && draft.atMicros >= 0, where).toBe(true);
    for (const [name, value] of Object.entries(draft.facts)) {
      const allowed =
        value === undefined ||
        typeof value === 'string' ||
        typeof value === 'boolean' ||
        (typeof value === 'number' && Number.isSafeInteger(value)) ||
        (Array.isArray(value) && value.every((entry) => typeof entry === 'string'));
      expect(allowed, `${where}: ${name}`).toBe(true);
    }
    for (const content of draft.contents ?? []) expect(typeof content.text, where).toBe('string');
  }
}

/** Reads a damaged recording: recognised or not, nothing throws and what comes out is well formed. */
export function readDamaged(agent: Agent, bytes: Buffer, path: string): Reading | null {
  const detection = agent.detect({ path, size: bytes.length, head: bytes.subarray(0, 256 * 1024) });
  if (detection === null) return null;
  if (detection.container === 'document') {
    try {
      JSON.parse(bytes.toString('utf8'));
    } catch {
      return null;
    }
  }
  const reading = readText(agent, bytes, { path });
  expectWellFormed(reading.events);
  for (const root of new Set(reading.events.map((draft) => draft.rootSession ?? draft.session))) {
    operationsOf(reading.events, root);
  }
  return reading;
}
