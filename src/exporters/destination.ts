export type Signal = 'traces' | 'metrics' | 'logs';
export type Protocol = 'http/protobuf' | 'http/json';

/** Where and how to send data. Header values are secrets: never printed, never stored. */
export interface Destination {
  /** Name given by the user or, without one, scheme, host and path; the key in the ledger, free of credentials. */
  readonly name: string;
  /** Full URL of the signal's endpoint. */
  readonly url: string;
  readonly signal: Signal;
  readonly protocol: Protocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** Maximum size of a request in encoded bytes before compression. */
  readonly maxRequestBytes: number;
  /** Maximum length of an attribute value in UTF-16 units; absent means no limit. */
  readonly maxAttributeLength?: number | undefined;
  /** Maximum length of an attribute value in bytes of UTF-8. */
  readonly maxAttributeBytes?: number | undefined;
  readonly maxAttributes?: number | undefined;
  /** Maximum size of a span in bytes of OTLP protobuf; the destination drops larger ones. */
  readonly maxSpanBytes?: number | undefined;
  /** Attributes added to every resource sent there. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Additional names under which it looks for an attribute: its name there → our attribute. */
  readonly attributeAliases?: Readonly<Record<string, string>> | undefined;
  /** Maximum age of spans it accepts, in milliseconds; absent means none is known. */
  readonly maxAgeMillis?: number | undefined;
  /** Timeout for one request in milliseconds unless a flag overrides it; absent means the default. */
  readonly requestTimeoutMillis?: number | undefined;
  readonly backend?: string | undefined;
  /** Name of the destination in the configuration file. */
  readonly configured?: string | undefined;
  /** PEM texts: CA certificates that replace the usual ones, and a client certificate with its key. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}
