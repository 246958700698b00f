const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C trace context of the environment; undefined when there is none or it is not valid. */
export function ambientTraceparent(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const value = (env['TRACEPARENT'] ?? env['traceparent'])?.trim().toLowerCase();
  return value !== undefined && TRACEPARENT.test(value) && !value.startsWith('ff')
    ? value
    : undefined;
}

/** A W3C `traceparent` header: 32 hex digits of trace, 16 of the span that sends the request. */
export function traceparentOf(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}
