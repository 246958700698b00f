import type { OperationKind } from '../session/event.ts';
import type { MessagePartRef } from '../session/operation.ts';
import type { SessionHead, SessionTotals } from '../session/session.ts';
import type { Mark } from './operation-label.ts';

/**
 * What the page knows about the whole session; the last block of data but one, because totals are only known at the
 * end.
 */
export interface ViewerSession {
  /** Texts and names of models are printable. */
  readonly head: Pick<
    SessionHead,
    | 'startMicros'
    | 'sessionId'
    | 'traceId'
    | 'agentId'
    | 'agentName'
    | 'agentVersion'
    | 'cwd'
    | 'gitBranch'
  >;
  /** Printable. */
  readonly title: string;
  readonly totals: Omit<SessionTotals, 'title' | 'firstPrompt' | 'lastResponse'>;
  readonly version: string;
}

/** A behavioural metric of the session: its name, its value for display, and its meaning. */
export interface ViewerMetric {
  readonly title: string;
  readonly text: string;
  readonly description: string;
}

/** An operation as the waterfall needs it; times are microseconds, and `start` counts from the session's start. */
export interface ViewerRow {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly kind: OperationKind;
  readonly start: number;
  readonly duration: number;
  /** The start or the end was inferred. */
  readonly inferred?: true | undefined;
  readonly mark?: Mark | undefined;
  /** Of no interest to a reader, so it has no row of its own. */
  readonly blank?: true | undefined;
  readonly name: string;
  readonly about?: string | undefined;
  readonly input?: number | undefined;
  readonly cached?: number | undefined;
  readonly output?: number | undefined;
  /** US dollars. */
  readonly cost?: number | undefined;
  /** The cost was estimated, not recorded. */
  readonly estimated?: true | undefined;
}

/** A recorded text; `text` is absent if the content policy withheld it. */
export interface ViewerText {
  readonly name: string;
  readonly json?: boolean | undefined;
  /** UTF-8 bytes as recorded. */
  readonly size?: number | undefined;
  readonly text?: string | undefined;
  /** Number of characters cut off at the end. */
  readonly cut?: number | undefined;
  readonly commitment?: string | undefined;
}

/** Input or output of an LLM call: a reference to the operation that holds the text. */
export type ViewerQuote = readonly [
  direction: 'in' | 'out',
  role: MessagePartRef['role'],
  type: MessagePartRef['type'],
  operationId: string,
];

/** The rest of an operation, which the page reads on demand. In the order of the rows of its block. */
export interface ViewerDetails {
  readonly attributes: readonly (readonly [string, string])[];
  readonly texts: readonly ViewerText[];
  readonly quotes?: readonly ViewerQuote[] | undefined;
}

/** Values of the `data-block` attribute of the page's data. */
export const BLOCKS = {
  metrics: 'metrics',
  session: 'session',
  rows: 'rows',
  details: 'details',
} as const;
