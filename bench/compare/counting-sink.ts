import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { decodeRequest } from '../../test/support/decoded-spans.ts';

/**
 * Takes every OTLP request at once and counts afterwards which spans arrived: `GET /arrived` tells how many different
 * ids since the last time it was asked. Ends with its stdin, or by itself after half an hour.
 */
let bodies: { readonly body: Buffer; readonly type: string; readonly gzip: boolean }[] = [];

interface Group {
  readonly scopeSpans?: readonly { readonly spans?: readonly { readonly spanId: string }[] }[];
}

function arrived(): number {
  const ids = new Set<string>();
  for (const { body, type, gzip } of bodies) {
    const message = decodeRequest(gzip ? gunzipSync(body) : body, type, 'traces');
    for (const group of (message['resourceSpans'] ?? []) as readonly Group[])
      for (const scope of group.scopeSpans ?? [])
        for (const span of scope.spans ?? []) ids.add(span.spanId);
  }
  bodies = [];
  return ids.size;
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ arrived: arrived() }));
    return;
  }
  const parts: Buffer[] = [];
  const type = request.headers['content-type'] ?? '';
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    bodies.push({
      body: Buffer.concat(parts),
      type,
      gzip: request.headers['content-encoding'] === 'gzip',
    });
    response.writeHead(200, { 'content-type': type });
    response.end(type === 'application/json' ? '{}' : undefined);
  });
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${(server.address() as { port: number }).port}\n`),
);
setTimeout(() => process.exit(0), 30 * 60_000).unref();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
