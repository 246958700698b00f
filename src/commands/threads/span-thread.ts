import type { Profile, Segment } from '../../delivery/ports.ts';
import type { SpanWishes } from '../../exporters/destination-span.ts';
import type { RootSession } from '../../store/sessions.ts';
import type { OptionValues } from '../options.ts';
import type { ThreadFailure } from './thread-failure.ts';

/** What a thread is started with. */
export interface ThreadStart {
  readonly db: string;
  /** The options that decide how texts are redacted and which mapper is used. */
  readonly options: OptionValues;
  readonly format: string;
  /** Spans as protobuf, as a destination wants them; if absent, as OTLP JSON. */
  readonly wishes?: SpanWishes | undefined;
}

/** A session whose spans are to be made; one at a time. */
export interface ThreadTask {
  readonly root: RootSession;
  readonly profile: Profile;
  /** If given, only this part of the session. */
  readonly segment?: Segment | undefined;
}

/** Some spans of one session. */
export interface SpanPart {
  readonly bytes: Uint8Array;
  readonly spans: number;
  /** For protobuf: where each span ends. */
  readonly ends?: Uint32Array | undefined;
}

/** Messages of a thread: some spans of its session, the end of the session or of what is readable, or why it cannot go on. */
export type ThreadMessage =
  | ({ readonly type: 'spans' } & SpanPart)
  | { readonly type: 'end'; readonly isDamaged: boolean }
  | ({ readonly type: 'failed' } & ThreadFailure);

/** A thread waits while more than this is untaken. */
export const MOST_UNTAKEN = 4 * 1024 * 1024;
