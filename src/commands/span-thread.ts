import type { Profile } from '../delivery/ports.ts';
import type { RootSession } from '../store/sessions.ts';
import type { OptionValues } from './options.ts';

/** What a thread is started with. */
export interface ThreadStart {
  readonly db: string;
  /** Those that decide how texts are redacted and which mapper is used. */
  readonly options: OptionValues;
  readonly format: string;
  /** One integer: bytes handed over that nobody has taken yet. */
  readonly untaken: SharedArrayBuffer;
}

/** A session to be written; one after the other. */
export interface ThreadTask {
  readonly root: RootSession;
  readonly profile: Profile;
}

/** A session with its place in the output. */
export interface NumberedTask extends ThreadTask {
  readonly item: number;
}

/** Spans of one session as text. */
export interface SpanPart {
  readonly bytes: Uint8Array;
  readonly spans: number;
}

/** What a thread says: some spans of its session, that these were all, or why it cannot go on. */
export type ThreadMessage =
  | { readonly type: 'spans'; readonly bytes: Uint8Array; readonly spans: number }
  | { readonly type: 'end' }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string };

/** A thread waits while more than this is untaken. */
export const MOST_UNTAKEN = 4 * 1024 * 1024;
