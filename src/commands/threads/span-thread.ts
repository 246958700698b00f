import type { Profile, Segment } from '../../delivery/ports.ts';
import type { SpanWishes } from '../../exporters/destination-span.ts';
import type { RootSession } from '../../store/sessions.ts';
import type { OptionValues } from '../options.ts';
import type { ToldFailure } from './told-failure.ts';

/** What a thread is started with. */
export interface ThreadStart {
  readonly db: string;
  /** Those that decide how texts are redacted and which mapper is used. */
  readonly options: OptionValues;
  readonly format: string;
  /** One integer: bytes handed over that nobody has taken yet. */
  readonly untaken: SharedArrayBuffer;
  /** Spans as protobuf, as a destination wants them; as OTLP JSON where absent. */
  readonly wishes?: SpanWishes | undefined;
}

/** A session whose spans are to be made; one after the other. */
export interface ThreadTask {
  readonly root: RootSession;
  readonly profile: Profile;
  /** This part of it alone. */
  readonly segment?: Segment | undefined;
}

/** Some spans of one session. */
export interface SpanPart {
  readonly bytes: Uint8Array;
  readonly spans: number;
  /** Where each span ends, of protobuf. */
  readonly ends?: Uint32Array | undefined;
}

/** What a thread says: some spans of its session, that these were all, or why it cannot go on. */
export type ThreadMessage =
  | ({ readonly type: 'spans' } & SpanPart)
  | { readonly type: 'end' }
  | ({ readonly type: 'failed' } & ToldFailure);

/** A thread waits while more than this is untaken. */
export const MOST_UNTAKEN = 4 * 1024 * 1024;
