import type { OperationKind } from '../session/event.ts';
import type { MessagePartRef } from '../session/operation.ts';
import type { SessionHead, SessionTotals } from '../session/session.ts';
import type { Mark } from './operation-label.ts';

/** What the page knows of the session as a whole; the last block of data but one, because totals exist at the end. */
export interface ViewerSession {
  /** Its texts are printable, as are the names of models. */
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

/** A behavioural metric of the session: what it is called, its value for people, and what it means. */
export interface ViewerMetric {
  readonly title: string;
  readonly text: string;
  readonly description: string;
}

/** An operation as the waterfall needs it; times are microseconds, `start` counts from the start in the session's head. */
export interface ViewerRow {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly kind: OperationKind;
  readonly start: number;
  readonly duration: number;
  /** The start or the end was inferred. */
  readonly inferred?: true | undefined;
  readonly mark?: Mark | undefined;
  /** It says nothing to a reader and has no row of its own. */
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

/** A recorded text; `text` is absent where the content policy withheld it. */
export interface ViewerText {
  readonly name: string;
  readonly json?: boolean | undefined;
  /** UTF-8 bytes as recorded. */
  readonly size?: number | undefined;
  readonly text?: string | undefined;
  /** Characters left out at the end. */
  readonly cut?: number | undefined;
  readonly commitment?: string | undefined;
}

/** What an LLM call was given or gave: the text of another operation, which holds it. */
export type ViewerQuote = readonly [
  direction: 'in' | 'out',
  role: MessagePartRef['role'],
  type: MessagePartRef['type'],
  operationId: string,
];

/** The rest of an operation, read by the page only when it is looked at. Same order as the rows of its block. */
export interface ViewerDetails {
  readonly attributes: readonly (readonly [string, string])[];
  readonly texts: readonly ViewerText[];
  readonly quotes?: readonly ViewerQuote[] | undefined;
}

/** Names of the `data-block` attribute of the page's data. */
export const BLOCKS = {
  metrics: 'metrics',
  session: 'session',
  rows: 'rows',
  details: 'details',
} as const;
