import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/exporters/destination.ts';
import { destinationName } from '../../src/exporters/endpoint.ts';
import { EXPORTERS } from '../../src/exporters/registry.ts';
import { type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { makeSpan } from '../support/spans.ts';

const PAGE = fileURLToPath(new URL('../../docs/exporters.md', import.meta.url));

function destinationAt(server: OtlpServer): Destination {
  const url = `${server.url}/v1/traces`;
  return {
    name: destinationName(url),
    url,
    signal: 'traces',
    protocol: 'http/json',
    headers: {},
    compression: 'none',
    maxRequestBytes: 1_000_000,
  };
}

const SETTINGS = { deadlineMillis: 5000, retryForMillis: 0, batchItems: 100 };

function frozenSpans() {
  const spans = Array.from({ length: 5 }, (_, n) => makeSpan({ spanId: `00000000000000a${n}` }));
  for (const span of spans) {
    Object.freeze(span);
    Object.freeze(span.attributes);
  }
  return spans;
}

describe('the list of exporters', () => {
  it('has a place in the docs for each', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const { name } of EXPORTERS)
      expect(page, `describe \`${name}\` in docs/exporters.md`).toContain(`\`${name}\``);
  });
});

describe.each(EXPORTERS.map((exporter) => ({ name: exporter.name, exporter })))(
  'exporter $name',
  ({ exporter }) => {
    it('delivers spans it does not touch, says how many were taken, and closes', async () => {
      // The SDK writes 64-bit integers as JSON numbers, which the strictest receivers refuse.
      const server = await startOtlpServer({ strict: false });
      const open = await exporter.open(destinationAt(server), SETTINGS);
      const spans = frozenSpans();
      const result = await open.sender.send(spans);
      expect(result).toMatchObject({ state: 'ok', accepted: spans.length, remaining: [] });
      expect(server.stored().size).toBe(spans.length);
      await open.close();
      await open.close();
      await server.close();
    });

    it('reports a failure without throwing, and keeps what was not taken', async () => {
      const server = await startOtlpServer({ fault: () => ({ status: 403 }) });
      const open = await exporter.open(destinationAt(server), SETTINGS);
      const spans = frozenSpans();
      const result = await open.sender.send(spans);
      expect(result.state).not.toBe('ok');
      expect(result.accepted).toBe(0);
      expect(result.remaining).toHaveLength(spans.length);
      await open.close();
      await server.close();
    });

    it('takes an empty batch', async () => {
      const server = await startOtlpServer();
      const open = await exporter.open(destinationAt(server), SETTINGS);
      expect(await open.sender.send([])).toMatchObject({ state: 'ok', accepted: 0 });
      expect(server.requests).toHaveLength(0);
      await open.close();
      await server.close();
    });
  },
);
