import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../src/exporters/http-transport.ts';
import { closeLater, destination, payload, post, start } from './transport-harness.ts';

describe('connections that fail', () => {
  it('calls a refused connection retryable', async () => {
    const server = await start();
    await server.close();
    expect(await post(destination(server.url))).toMatchObject({
      type: 'retryable',
      reason: expect.stringMatching(/^nothing listens there \(.*ECONNREFUSED/),
    });
  });

  it('calls a name that does not resolve retryable', async () => {
    expect(await post(destination('http://no-such-host.invalid'))).toMatchObject({
      type: 'retryable',
    });
  });

  it('calls a request that broke off half-way retryable', async () => {
    const server = await start();
    server.failNext({ connection: 'reset-mid-body' });
    const big = payload(1, false, 'x'.repeat(20 << 20));
    expect(await post(destination(server.url), big)).toMatchObject({ type: 'retryable' });
    expect(server.spans()).toHaveLength(0);
  });

  it('calls a lost answer unknown, because the request did arrive', async () => {
    const server = await start();
    server.failNext({ connection: 'reset-after-body' });
    expect(await post(destination(server.url))).toMatchObject({ type: 'unknown' });
    expect(server.spans()).toHaveLength(3);
  });

  it('calls half an answer unknown', async () => {
    const server = await start();
    server.failNext({ connection: 'half-answer' });
    expect(await post(destination(server.url))).toMatchObject({ type: 'unknown' });
  });

  it.each(['hang', 'trickle'] as const)(
    'gives up at the deadline when the server only keeps the connection (%s)',
    async (connection) => {
      const server = await start();
      server.failNext({ connection });
      expect(await post(destination(server.url), payload(), 300)).toMatchObject({
        type: 'unknown',
      });
    },
  );

  it('stops at once when told to', async () => {
    const server = await start();
    server.failNext({ connection: 'hang' });
    const transport = createHttpTransport(destination(server.url), { environment: {} });
    closeLater(transport);
    const controller = new AbortController();
    const outcome = transport.post(payload(), 60_000, controller.signal);
    setTimeout(() => controller.abort(), 100);
    expect(['unknown', 'retryable']).toContain((await outcome).type);
    expect((await transport.post(payload(), 60_000, AbortSignal.abort())).type).toBe('retryable');
  });

  it('says that a port which does not speak HTTP is the wrong one', async () => {
    const tcp = createTcpServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from([0, 0, 24, 4, 0, 0, 0]))),
    );
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    closeLater({ close: () => new Promise((resolve) => tcp.close(resolve)) });
    const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
    expect(await post(destination(url))).toMatchObject({
      type: 'blocked',
      reason: expect.stringContaining('4317 is for gRPC'),
    });
  });
});

describe('TLS', () => {
  const file = (name: string) =>
    readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');
  const tls = { key: file('server.key'), cert: file('server.pem') };

  it('trusts a private CA that is named, and no other', async () => {
    const server = await start({ tls });
    const trusted = destination(server.url, { tls: { ca: file('ca.pem') } });
    expect(await post(trusted)).toEqual({ type: 'accepted', rejected: 0 });
    expect(await post(destination(server.url))).toMatchObject({
      type: 'blocked',
      reason: expect.stringContaining('OTEL_EXPORTER_OTLP_CERTIFICATE'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('presents a client certificate when one is requested', async () => {
    const server = await start({
      tls: { ...tls, ca: file('ca.pem'), requestCert: true, rejectUnauthorized: true },
    });
    const ours = { ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') };
    expect(await post(destination(server.url, { tls: ours }))).toEqual({
      type: 'accepted',
      rejected: 0,
    });
    expect((await post(destination(server.url, { tls: { ca: file('ca.pem') } }))).type).not.toBe(
      'accepted',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('says so when the port does not speak TLS', async () => {
    const server = await start();
    const outcome = await post(destination(server.url.replace('http:', 'https:')));
    expect(outcome).toMatchObject({ type: 'blocked', reason: expect.stringContaining('TLS') });
  });
});
