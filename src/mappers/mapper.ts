import type { OperationKind } from '../session/event.ts';
import type { Operation } from '../session/operation.ts';
import type { ContentPolicy, SilentFailures } from '../session/run-choices.ts';
import type { SessionHead, SessionTotals } from '../session/session.ts';

export type AttributeValue = string | number | boolean | readonly string[] | readonly number[];
export type Attributes = Record<string, AttributeValue>;
/** What an external mapper may write: an undefined attribute is left out. */
export type GappyAttributes = Record<string, AttributeValue | undefined>;

/** OpenTelemetry's span kinds, by their API numbers. */
export const SPAN_KIND = { INTERNAL: 0, SERVER: 1, CLIENT: 2 } as const;
export type SpanKindNumber = (typeof SPAN_KIND)[keyof typeof SPAN_KIND];

export interface SpanEventDraft<A = Attributes> {
  readonly name: string;
  /** Microseconds since the epoch; if absent, the operation's end. */
  readonly atMicros?: number | undefined;
  readonly attributes: A;
}

/** A W3C `traceparent` that a span links to. */
export interface SpanLinkDraft<A = Attributes> {
  readonly traceparent: string;
  readonly attributes?: A | undefined;
}

/** What a vocabulary makes of an operation, except ids, times, resource and parent. */
export interface SpanDraft<A = Attributes> {
  readonly type: 'span';
  readonly name: string;
  readonly kind: SpanKindNumber;
  /** Set only on error; success leaves the status unset. */
  readonly error?: { readonly message?: string | undefined } | undefined;
  readonly attributes: A;
  readonly events?: readonly SpanEventDraft<A>[] | undefined;
  readonly links?: readonly SpanLinkDraft<A>[] | undefined;
}

/** What a vocabulary puts on the root span as a span event. */
export interface RootEvent<A = Attributes> {
  readonly type: 'root_event';
  readonly name: string;
  /** Microseconds since the epoch; if absent, the operation's start. */
  readonly atMicros?: number | undefined;
  readonly attributes: A;
}

/** Options of a run that change a vocabulary's output; frozen in the delivery profile. */
export interface MapperOptions {
  /** `agent-strace` keeps the familiar names; `semconv` uses those of the conventions. */
  readonly spanNames: 'agent-strace' | 'semconv';
  readonly semconv: 'latest' | 'dual' | 'legacy';
  readonly content: ContentPolicy;
  readonly silentFailures: SilentFailures;
  /** Deployment environment; for vocabularies whose backend has one per trace. */
  readonly environment?: string | undefined;
  /** Labels of the whole trace, in the user's order. */
  readonly tags?: readonly string[] | undefined;
  /**
   * Added to all times of the spans, in microseconds (`--rebase-time`); absent if times are not shifted. An attribute
   * that contains a time of day must add it too.
   */
  readonly shiftMicros?: number | undefined;
}

/** A vocabulary: pure, synchronous, deterministic; no I/O, clock, randomness, ids or traversal. */
export interface Mapper<A = Attributes> {
  readonly name: string;
  readonly summary: string;
  readonly contentDefault: ContentPolicy;
  /** Schema of the attributes, set on the instrumentation scope; not with `semconv` `legacy`, whose names are older. */
  readonly schemaUrl?: string | undefined;
  /** Operation kinds that become spans. An operation's parent is its nearest ancestor among these. */
  readonly spanKinds: ReadonlySet<OperationKind>;
  /** False if `inputMessages` and `outputMessages` of LLM calls are never read, so that they need not be built. */
  readonly readsMessages?: boolean | undefined;
  /** Returns what an operation becomes; null drops it. A span is allowed only for kinds in `spanKinds`. */
  operation(
    operation: Operation,
    head: SessionHead,
    options: MapperOptions,
  ): SpanDraft<A> | RootEvent<A> | null;
  root(head: SessionHead, totals: SessionTotals, options: MapperOptions): SpanDraft<A>;
  /** Attributes of a `session/part-N` span, which only carries further root events; if absent, `session.id`. */
  part?(head: SessionHead, options: MapperOptions): A;
}
