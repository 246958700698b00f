import { describe, expect, it } from 'vitest';
import { AgentStraceError } from '../../src/errors.ts';
import { destinationName, exactUrl, signalUrl } from '../../src/exporters/endpoint.ts';
import { parseHeaderFlag, parseHeaders } from '../../src/exporters/header-text.ts';
import {
  destinationFromEnvironment,
  environmentNamesEndpoint,
  ignoredVariables,
} from '../../src/exporters/otel-environment.ts';
import { ignoredLimits } from '../../src/exporters/span-limits.ts';

function failure(run: () => unknown): AgentStraceError {
  try {
    run();
  } catch (error) {
    if (error instanceof AgentStraceError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('the URL of a signal', () => {
  it.each([
    ['http://localhost:4318', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318//', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/v1/traces', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/v1/traces/', 'http://localhost:4318/v1/traces/'],
    ['https://gateway.test/otlp', 'https://gateway.test/otlp/v1/traces'],
    [
      'https://gateway.test/otlp?tenant=a&x=%2F',
      'https://gateway.test/otlp/v1/traces?tenant=a&x=%2F',
    ],
    ['https://gateway.test/v1/traces?key=1', 'https://gateway.test/v1/traces?key=1'],
    ['https://backend.test/otel/v1/traces', 'https://backend.test/otel/v1/traces'],
    [
      'https://ingest.us1.signalfx.com/v2/trace/otlp',
      'https://ingest.us1.signalfx.com/v2/trace/otlp',
    ],
    [
      'https://cloud.langfuse.com/api/public/otel',
      'https://cloud.langfuse.com/api/public/otel/v1/traces',
    ],
    [' HTTP://Host:1/x ', 'http://host:1/x/v1/traces'],
    ['http://host/v1/metrics', 'http://host/v1/traces'],
  ])('%s → %s', (endpoint, expected) => {
    expect(signalUrl(endpoint, 'traces')).toBe(expected);
  });

  it('makes one endpoint serve every signal', () => {
    expect(signalUrl('http://host/otlp/v1/traces', 'metrics')).toBe('http://host/otlp/v1/metrics');
    expect(signalUrl('http://host/otlp', 'logs')).toBe('http://host/otlp/v1/logs');
  });

  it('leaves an exact URL alone', () => {
    expect(exactUrl('http://host:4318', 'traces')).toBe('http://host:4318/');
    expect(exactUrl('http://host/a/b?c=d', 'traces')).toBe('http://host/a/b?c=d');
  });

  it.each([
    ['localhost:4318', 'http://localhost:4318'],
    ['otlp.test/path', 'http://otlp.test/path'],
    ['', 'not a URL'],
    ['http://', 'not a URL'],
    ['grpc://localhost:4317', 'not grpc://'],
  ])('refuses %s with a hint', (endpoint, hint) => {
    const error = failure(() => signalUrl(endpoint, 'traces'));
    expect(error.code).toBe('wrong_endpoint');
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(hint);
  });

  it('does not repeat the credentials of a wrong URL', () => {
    const broken = failure(() => signalUrl('https://user:50%pw@otlp.test', 'traces'));
    expect(broken.message).toBe(
      'user and password in the URL of otlp.test are not percent-encoded',
    );
    expect(failure(() => signalUrl('https://user:pw@[bad', 'traces')).message).not.toContain('pw');
  });

  it.each([
    ['http://user:pw/1@host', 'user and password in the URL of host are not percent-encoded'],
    ['http://user:pw@1 2@ho st', '"http://ho st" is not a URL'],
    ['http://user:pw?1@host', 'user and password in the URL of host are not percent-encoded'],
    ['user:pw@host:4318', '"host:4318" is not a URL; did you mean http://host:4318?'],
    ['//user:pw@host', '"//host" is not a URL; did you mean http://host?'],
    ['http:/user:pw@host?key=pw', '"http:/host" is not a URL; did you mean http://host?'],
  ])('does not repeat those of %s', (endpoint, message) => {
    expect(failure(() => signalUrl(endpoint, 'traces')).message).toBe(message);
  });

  it.each([
    ['https://http-intake.logs.datadoghq.com/v1/traces', 'https://otlp.datadoghq.com/v1/traces'],
    ['https://http-intake.logs.us5.datadoghq.com', 'https://otlp.us5.datadoghq.com/v1/traces'],
    ['https://trace.agent.datadoghq.eu', 'https://otlp.datadoghq.eu/v1/traces'],
    ['https://ingest.us1.signalfx.com', 'https://ingest.us1.signalfx.com/v2/trace/otlp'],
    ['https://ingest.eu0.signalfx.com/v1/traces', 'https://ingest.eu0.signalfx.com/v2/trace/otlp'],
    ['https://trace-api.newrelic.com/trace/v1', 'https://otlp.nr-data.net'],
    ['https://trace-api.eu.newrelic.com/trace/v1', 'https://otlp.eu01.nr-data.net'],
    ['https://api.langfuse.com/api/v1', 'https://cloud.langfuse.com/api/public/otel'],
    ['https://us.cloud.langfuse.com', 'https://us.cloud.langfuse.com/api/public/otel'],
    ['https://ui.honeycomb.io', 'https://api.honeycomb.io'],
    ['https://api.smith.langchain.com', 'https://api.smith.langchain.com/otel'],
  ])('refuses %s and names %s', (endpoint, right) => {
    const error = failure(() => signalUrl(endpoint, 'traces'));
    expect(error.code).toBe('wrong_endpoint');
    expect(error.message).toContain(right);
    expect(() => signalUrl(right, 'traces')).not.toThrow();
  });

  it('names a destination without its credentials', () => {
    expect(destinationName('https://user:pw@host:8443/v1/traces?key=1')).toBe(
      'https://host:8443/v1/traces',
    );
  });
});

describe('headers', () => {
  it('reads the list of the standard variable', () => {
    expect(parseHeaders('Authorization=Basic%20YTpi, x-key = a=b ,,x-empty=')).toEqual({
      Authorization: 'Basic YTpi',
      'x-key': 'a=b',
      'x-empty': '',
    });
    expect(parseHeaders('')).toEqual({});
  });

  it.each(['novalue', '=hidden', 'a=%E0%A4%A'])('refuses %s without showing it', (text) => {
    const error = failure(() => parseHeaders(`ok=1,${text}`));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(error.message).toContain('Entry 2 of OTEL_EXPORTER_OTLP_HEADERS');
    expect(error.message).not.toContain(text);
  });

  it('reads a flag', () => {
    expect(parseHeaderFlag('Authorization: Bearer a:b=c ')).toEqual([
      'Authorization',
      'Bearer a:b=c',
    ]);
  });

  it.each(['x-key', 'x-key=secret', ': secret', 'x-key:', 'x key: secret'])(
    'refuses the flag "%s"',
    (text) => {
      const error = failure(() => parseHeaderFlag(text));
      expect(error.code).toBe('usage');
      expect(error.message).not.toContain('secret');
    },
  );
});

describe('the standard variables', () => {
  it('default to protobuf on loopback, uncompressed', () => {
    expect(destinationFromEnvironment({}, 'traces')).toMatchObject({
      name: 'http://localhost:4318/v1/traces',
      url: 'http://localhost:4318/v1/traces',
      protocol: 'http/protobuf',
      headers: {},
      compression: 'none',
    });
  });

  it('append to the general endpoint and use the endpoint of a signal unchanged', () => {
    const general = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://host/otlp/' };
    expect(destinationFromEnvironment(general, 'traces')).toMatchObject({
      url: 'https://host/otlp/v1/traces',
      compression: 'gzip',
    });
    const both = { ...general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/exact' };
    expect(destinationFromEnvironment(both, 'traces').url).toBe('https://other/exact');
    expect(destinationFromEnvironment(both, 'metrics').url).toBe('https://host/otlp/v1/metrics');
  });

  it('let variables of the signal override the general ones', () => {
    const destination = destinationFromEnvironment(
      {
        OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'HTTP/JSON',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP',
        OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: ' ',
      },
      'traces',
    );
    expect(destination).toMatchObject({
      headers: { a: '1', b: '3' },
      protocol: 'http/json',
      compression: 'gzip',
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'usage', 'gRPC is not supported'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, 'usage', 'must be gzip or none'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'host:4318' }, 'wrong_endpoint', 'http://host:4318'],
    [
      { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file.pem' },
      'unreadable_input',
      'OTEL_EXPORTER_OTLP_CERTIFICATE',
    ],
  ])('%o fails with %s', (environment, code, words) => {
    const error = failure(() => destinationFromEnvironment(environment, 'traces'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it.each([
    ['PROTOCOL', 'grpc', 'http/json'],
    ['COMPRESSION', 'zstd', 'gzip'],
    ['CERTIFICATE', '/no/such/file.pem', ''],
  ])('are named in complaints as they were set: %s', (name, wrong, right) => {
    const environment = {
      [`OTEL_EXPORTER_OTLP_${name}`]: right,
      [`OTEL_EXPORTER_OTLP_TRACES_${name}`]: wrong,
    };
    const { message } = failure(() => destinationFromEnvironment(environment, 'traces'));
    expect(message).toContain(`OTEL_EXPORTER_OTLP_TRACES_${name} `);
  });

  it('are ignored aloud where they are not numbers', () => {
    expect(ignoredVariables({ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '1e3' }, 'traces')).toEqual([
      'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is not a number of milliseconds and is ignored',
    ]);
    expect(
      ignoredLimits({ OTEL_ATTRIBUTE_COUNT_LIMIT: 'many', OTEL_SPAN_LINK_COUNT_LIMIT: ' 5 ' }),
    ).toEqual(['OTEL_ATTRIBUTE_COUNT_LIMIT is not a whole number and is ignored']);
  });

  it('read the certificate files', () => {
    const ca = new URL('certificates/ca.pem', import.meta.url).pathname;
    const { tls } = destinationFromEnvironment(
      { OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: ca },
      'traces',
    );
    expect(tls?.ca).toContain('BEGIN CERTIFICATE');
    expect(tls?.key).toBeUndefined();
  });

  it('tell whether they name an endpoint', () => {
    expect(environmentNamesEndpoint({}, 'traces')).toBe(false);
    expect(environmentNamesEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 'traces')).toBe(false);
    expect(
      environmentNamesEndpoint({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://x' }, 'traces'),
    ).toBe(false);
    expect(environmentNamesEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, 'traces')).toBe(
      true,
    );
  });
});
