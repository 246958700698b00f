import { AgentStraceError, messageOf } from '../errors.ts';
import { readNamedFile } from '../named-file.ts';
import type { Destination, Protocol, Signal } from './destination.ts';
import { destinationName, exactUrl, signalUrl } from './endpoint.ts';
import { parseHeaders } from './header-text.ts';
import { isLoopback } from './loopback.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where OTLP over HTTP is when nothing says otherwise. */
const DEFAULT_ENDPOINT = 'http://localhost:4318';
/** Largest request in encoded bytes where nothing is known of a destination. */
export const DEFAULT_REQUEST_BYTES = 1_000_000;

/** `OTEL_EXPORTER_OTLP_<SIGNAL>_<name>` before `OTEL_EXPORTER_OTLP_<name>`; an empty value counts as unset. */
function read(environment: Environment, signal: Signal, name: string): string | undefined {
  const specific = environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`]?.trim();
  return specific || environment[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;
}

/** Whether the environment names an endpoint for the signal. */
export function environmentNamesEndpoint(environment: Environment, signal: Signal): boolean {
  return read(environment, signal, 'ENDPOINT') !== undefined;
}

/**
 * The destination that the standard `OTEL_EXPORTER_OTLP_*` variables describe. Throws `usage` for values that
 * cannot be used and `unreadable_input` for a certificate file that cannot be read.
 */
export function destinationFromEnvironment(environment: Environment, signal: Signal): Destination {
  const url = urlFromEnvironment(environment, signal);
  return {
    name: destinationName(url),
    url,
    signal,
    protocol: protocolFromEnvironment(environment, signal),
    headers: headersFromEnvironment(environment, signal),
    compression: compressionFromEnvironment(environment, signal, url),
    maxRequestBytes: DEFAULT_REQUEST_BYTES,
    requestTimeoutMillis: timeoutFromEnvironment(environment, signal),
    tls: tlsFromEnvironment(environment, signal),
  };
}

/**
 * `OTEL_EXPORTER_OTLP_TIMEOUT`: milliseconds for one request, 0 for no limit. What is no number counts as unset, as the
 * specification of the variables asks.
 */
function timeoutFromEnvironment(environment: Environment, signal: Signal): number | undefined {
  const value = read(environment, signal, 'TIMEOUT');
  if (value === undefined || !MILLIS.test(value)) return undefined;
  return Number(value) || Number.MAX_SAFE_INTEGER;
}

const MILLIS = /^\d{1,9}$/;

/** Sentences about variables of {@link destinationFromEnvironment} that are set and cannot be read. */
export function ignoredVariables(environment: Environment, signal: Signal): string[] {
  const timeout = read(environment, signal, 'TIMEOUT');
  return timeout === undefined || MILLIS.test(timeout)
    ? []
    : ['OTEL_EXPORTER_OTLP_TIMEOUT is no number of milliseconds and is ignored'];
}

function urlFromEnvironment(environment: Environment, signal: Signal): string {
  const exact = environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`]?.trim();
  if (exact) return exactUrl(exact, signal);
  return signalUrl(environment['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() || DEFAULT_ENDPOINT, signal);
}

/** General and per-signal headers together; the latter win. */
function headersFromEnvironment(environment: Environment, signal: Signal): Record<string, string> {
  const specific = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`;
  return {
    ...parseHeaders(environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''),
    ...parseHeaders(environment[specific] ?? '', specific),
  };
}

/** Protobuf unless JSON is asked for. Throws `usage` for gRPC, which is not spoken here. */
function protocolFromEnvironment(environment: Environment, signal: Signal): Protocol {
  const value = read(environment, signal, 'PROTOCOL')?.toLowerCase();
  if (value === undefined || value === 'http/protobuf') return 'http/protobuf';
  if (value === 'http/json') return 'http/json';
  const hint = value === 'grpc' ? '; gRPC is not supported, use http/protobuf on port 4318' : '';
  throw new AgentStraceError(
    'usage',
    `OTEL_EXPORTER_OTLP_PROTOCOL is neither http/protobuf nor http/json${hint}.`,
  );
}

function compressionFromEnvironment(
  environment: Environment,
  signal: Signal,
  url: string,
): 'gzip' | 'none' {
  const value = read(environment, signal, 'COMPRESSION')?.toLowerCase();
  if (value === undefined) return usualCompression(url);
  if (value === 'gzip' || value === 'none') return value;
  throw new AgentStraceError('usage', 'OTEL_EXPORTER_OTLP_COMPRESSION is neither gzip nor none.');
}

/** gzip, except on this machine, where it only costs time. */
export function usualCompression(url: string): 'gzip' | 'none' {
  return isLoopback(new URL(url).hostname) ? 'none' : 'gzip';
}

/** PEM texts of the files that the variables name, or undefined when they name none. */
export function tlsFromEnvironment(environment: Environment, signal: Signal): Destination['tls'] {
  const ca = pem(environment, signal, 'CERTIFICATE');
  const cert = pem(environment, signal, 'CLIENT_CERTIFICATE');
  const key = pem(environment, signal, 'CLIENT_KEY');
  return (ca ?? cert ?? key) ? { ca, cert, key } : undefined;
}

function pem(environment: Environment, signal: Signal, name: string): string | undefined {
  const path = read(environment, signal, name);
  if (path === undefined) return undefined;
  try {
    return readNamedFile(path).toString('utf8');
  } catch (error) {
    throw new AgentStraceError(
      'unreadable_input',
      `The file that OTEL_EXPORTER_OTLP_${name} names cannot be read: ${messageOf(error)}`,
    );
  }
}
