import { createHash } from 'node:crypto';
import { AgentStraceError } from '../errors.ts';
import { hasTooManyValues } from '../value-count.ts';
import type { Baseline } from './profile.ts';
import { damageOf } from './saved-shape.ts';

const FORMAT = 'agent-strace.baseline';
const VERSION = 1;
/** Longest accepted text in UTF-16 units, and the largest file in bytes: a hundred thousand sessions fit. */
export const LARGEST_BASELINE = 64 * 1024 * 1024;

/** The text of a baseline file: versioned JSON with a digest, readable and suitable for diffs. */
export function serializeBaseline(value: Baseline): string {
  const saved = { format: FORMAT, version: VERSION, digest: digestOf(value), baseline: value };
  return `${JSON.stringify(saved, null, 2)}\n`;
}

/**
 * Parses what {@link serializeBaseline} wrote. Throws AgentStraceError `no_baseline` (exit 2) for text that is not a
 * baseline, was damaged or edited, or comes from a newer version. `origin` names the source in messages.
 */
export function parseBaseline(saved: string, origin: string): Baseline {
  if (saved.length > LARGEST_BASELINE || hasTooManyValues(saved))
    throw unusable(origin, 'is too large');
  const envelope = envelopeOf(saved, origin);
  if (envelope.version !== VERSION) {
    const newer = typeof envelope.version === 'number' && envelope.version > VERSION;
    const reason = newer ? 'was written by a newer agent-strace' : 'has an unknown version';
    throw unusable(origin, `${reason} (this one reads version ${VERSION})`);
  }
  const { baseline } = envelope;
  const damage = damageOf(baseline);
  if (damage !== undefined) throw unusable(origin, `is damaged at ${damage}`);
  if (digestOf(baseline) !== envelope.digest) {
    throw unusable(origin, 'is damaged or was edited: its digest does not match');
  }
  return baseline as Baseline;
}

interface Envelope {
  readonly format: string;
  readonly version?: unknown;
  readonly digest?: unknown;
  readonly baseline?: unknown;
}

function envelopeOf(saved: string, origin: string): Envelope {
  let value: unknown;
  try {
    // -0 is read as 0 everywhere, also in the digest, so it becomes 0 here as well.
    value = JSON.parse(saved, (_key, member: unknown) => (member === 0 ? 0 : member));
  } catch {
    throw unusable(origin, 'is not JSON');
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    !('format' in value) ||
    value.format !== FORMAT
  ) {
    throw unusable(origin, 'is not a baseline of agent-strace');
  }
  return value as Envelope;
}

function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;
}

/** JSON with sorted members and no spaces, so that tools which reformat the file do not break the digest. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function unusable(origin: string, reason: string): AgentStraceError {
  return new AgentStraceError(
    'no_baseline',
    `baseline ${origin} ${reason}; make a new one with \`agent-strace baseline update\``,
  );
}
