import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Encoder, EncoderOptions, Payload, TimedSpan } from './encoder.ts';

import { writeResource, writeScope, writeSpan } from './otlp-protobuf-span.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of `ExportTraceServiceRequest`, `ResourceSpans` and `ScopeSpans`. */
const RESOURCE_SPANS = 1;
const RESOURCE = 1;
const SCOPE_SPANS = 2;
const SCOPE = 1;
const SCHEMA_URL = 3;

/** Lengths of groups are mostly between 16 KiB and 2 MiB. */
const GROUP_WIDTH = 3;
/** What closing the two open groups can add at most, schema URLs aside. */
const CLOSING_BYTES = 32;

/**
 * Encodes spans as one OTLP protobuf `ExportTraceServiceRequest`. Consecutive spans with the same resource
 * and scope objects share an entry. An empty encoder takes its first span whatever its size, so the caller
 * sees from `finish().bytes.length` that one span alone is over `maxBytes`. Call `reset` after `finish`.
 */
export function createProtobufTraceEncoder(options: EncoderOptions): Encoder<TimedSpan> {
  return new ProtobufTraceEncoder(options);
}

class ProtobufTraceEncoder implements Encoder<TimedSpan> {
  readonly #maxBytes: number;
  readonly #maxItems: number;
  readonly #writer: ProtobufWriter;
  #items = 0;
  #resource: Resource | undefined;
  #scope: InstrumentationScope | undefined;
  #resourceAt = 0;
  #scopeAt = 0;

  constructor(options: EncoderOptions) {
    this.#maxBytes = options.maxBytes;
    this.#maxItems = options.maxItems ?? Number.POSITIVE_INFINITY;
    this.#writer = new ProtobufWriter(options.maxBytes);
  }

  tryAppend(span: TimedSpan): boolean {
    if (this.#items >= this.#maxItems) return false;
    if (span.resource !== this.#resource || span.instrumentationScope !== this.#scope) {
      return this.#appendToNewGroup(span);
    }
    const before = this.#writer.position;
    writeSpan(this.#writer, span);
    if (this.#fits()) {
      this.#items++;
      return true;
    }
    this.#writer.position = before;
    return false;
  }

  /** A full encoder is full: closing the open group for nothing does no harm, for `finish` follows. */
  #appendToNewGroup(span: TimedSpan): boolean {
    this.#closeGroup();
    const writer = this.#writer;
    const before = writer.position;
    this.#resource = span.resource;
    this.#scope = span.instrumentationScope;
    this.#resourceAt = writer.open(RESOURCE_SPANS, GROUP_WIDTH);
    writeResource(writer, RESOURCE, span.resource);
    this.#scopeAt = writer.open(SCOPE_SPANS, GROUP_WIDTH);
    writeScope(writer, SCOPE, span.instrumentationScope);
    writeSpan(writer, span);
    if (this.#items === 0 || this.#fits()) {
      this.#items++;
      return true;
    }
    writer.position = before;
    this.#resource = undefined;
    this.#scope = undefined;
    return false;
  }

  #fits(): boolean {
    const urls = utf8Length(this.#scope?.schemaUrl) + utf8Length(this.#resource?.schemaUrl);
    return this.#writer.position + urls + CLOSING_BYTES <= this.#maxBytes;
  }

  #closeGroup(): void {
    if (this.#resource === undefined || this.#scope === undefined) return;
    const writer = this.#writer;
    if (this.#scope.schemaUrl) writer.string(SCHEMA_URL, this.#scope.schemaUrl);
    writer.close(this.#scopeAt, GROUP_WIDTH);
    if (this.#resource.schemaUrl) writer.string(SCHEMA_URL, this.#resource.schemaUrl);
    writer.close(this.#resourceAt, GROUP_WIDTH);
    this.#resource = undefined;
    this.#scope = undefined;
  }

  finish(): Payload {
    this.#closeGroup();
    return {
      bytes: this.#writer.bytes.subarray(0, this.#writer.position),
      contentType: 'application/x-protobuf',
      items: this.#items,
    };
  }

  reset(): void {
    this.#writer.clear();
    this.#items = 0;
    this.#resource = undefined;
    this.#scope = undefined;
  }
}

function utf8Length(text: string | undefined): number {
  return text ? Buffer.byteLength(text) : 0;
}
