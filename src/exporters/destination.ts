export type Signal = 'traces' | 'metrics' | 'logs';
export type Protocol = 'http/protobuf' | 'http/json';

/** Where data goes and how. Header values are secrets: never printed, never stored. */
export interface Destination {
  /** Name people gave it or, without one, scheme, host and path: the ledger's key, free of credentials. */
  readonly name: string;
  /** Full URL of the signal's endpoint. */
  readonly url: string;
  readonly signal: Signal;
  readonly protocol: Protocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** Largest request in encoded bytes before compression. */
  readonly maxRequestBytes: number;
  readonly maxBatchItems?: number | undefined;
  /** Longest attribute value in UTF-16 units; absent means no limit. */
  readonly maxAttributeLength?: number | undefined;
  /** The same in bytes of UTF-8. */
  readonly maxAttributeBytes?: number | undefined;
  readonly maxAttributes?: number | undefined;
  /** Largest span in bytes of OTLP protobuf; larger ones are dropped there. */
  readonly maxSpanBytes?: number | undefined;
  /** Attributes that belong on every resource sent there. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Further names under which it looks for an attribute: its name there, our attribute. */
  readonly attributeAliases?: Readonly<Record<string, string>> | undefined;
  /** Oldest accepted span age in milliseconds; absent means none known. */
  readonly maxAgeMillis?: number | undefined;
  /** Longest time for one request in milliseconds unless a flag says otherwise; absent means nothing was asked for. */
  readonly requestTimeoutMillis?: number | undefined;
  readonly backend?: string | undefined;
  /** Name under which a configuration file describes it. */
  readonly configured?: string | undefined;
  /** PEM texts: trusted certificates instead of the usual ones, and a client's certificate and key. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}
