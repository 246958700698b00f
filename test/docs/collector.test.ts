import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, readPage } from './pages.ts';

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

interface CollectorConfig {
  readonly receivers: object;
  readonly processors?: object;
  readonly exporters: object;
  readonly extensions?: object;
  readonly service: {
    readonly extensions?: readonly string[];
    readonly pipelines: Readonly<Record<string, Pipeline>>;
  };
}

/** Components of the contrib distribution that these files use, by kind; a typing error is none of them. */
const COMPONENTS: Readonly<Record<string, readonly string[]>> = {
  receivers: ['otlp'],
  processors: ['memory_limiter', 'attributes', 'redaction', 'tail_sampling', 'batch'],
  exporters: ['otlp_http', 'otlp_grpc', 'zipkin', 'load_balancing', 'debug'],
  extensions: ['file_storage'],
};
/** Keys that these components take at their first level, as of the pinned version. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  otlp: ['protocols'],
  memory_limiter: [
    'check_interval',
    'limit_mib',
    'spike_limit_mib',
    'limit_percentage',
    'spike_limit_percentage',
  ],
  attributes: ['actions', 'include', 'exclude'],
  redaction: [
    'allow_all_keys',
    'allowed_keys',
    'blocked_key_patterns',
    'blocked_values',
    'summary',
  ],
  tail_sampling: ['decision_wait', 'num_traces', 'decision_cache', 'policies'],
  batch: ['send_batch_size', 'send_batch_max_size', 'timeout'],
  otlp_http: ['endpoint', 'headers', 'compression', 'tls', 'retry_on_failure', 'sending_queue'],
  otlp_grpc: ['endpoint', 'headers', 'compression', 'tls', 'retry_on_failure', 'sending_queue'],
  zipkin: ['endpoint', 'format', 'default_service_name', 'tls'],
  load_balancing: ['routing_key', 'protocol', 'resolver', 'sending_queue'],
  debug: ['verbosity'],
  file_storage: ['directory', 'create_directory', 'timeout'],
};
const KINDS = ['receivers', 'processors', 'exporters'] as const;

const files = readdirSync(`${ROOT}examples/collector`).filter((name) => name.endsWith('.yaml'));

function read<T>(path: string): T {
  return parse(readPage(path), { strict: true, uniqueKeys: true }) as T;
}

describe.each(files)('examples/collector/%s', (file) => {
  const config = read<CollectorConfig>(`examples/collector/${file}`);
  const pipelines = Object.values(config.service.pipelines);

  it('defines what it uses and uses what it defines', () => {
    for (const kind of KINDS) {
      const used = new Set(pipelines.flatMap((pipeline) => pipeline[kind] ?? []));
      expect(Object.keys(config[kind] ?? {}).sort()).toEqual([...used].sort());
    }
    expect(Object.keys(config.extensions ?? {})).toEqual(config.service.extensions ?? []);
  });

  it('uses components that exist, in an order that works', () => {
    for (const [kind, known] of Object.entries(COMPONENTS)) {
      const names = Object.keys((config as unknown as Record<string, object>)[kind] ?? {});
      for (const name of names) expect(known).toContain(name.split('/')[0]);
    }
    const all = {
      ...config.receivers,
      ...config.processors,
      ...config.exporters,
      ...config.extensions,
    };
    for (const [name, settings] of Object.entries(all as Record<string, object | null>)) {
      const known = KEYS[name.split('/')[0]!];
      for (const key of Object.keys(settings ?? {})) expect(known, name).toContain(key);
    }
    for (const [id, { processors = [] }] of Object.entries(config.service.pipelines)) {
      expect(['traces', 'metrics', 'logs']).toContain(id.split('/')[0]);
      const order = processors.map((name) => name.split('/')[0]!);
      if (order.includes('memory_limiter')) expect(order[0]).toBe('memory_limiter');
      if (order.includes('batch')) expect(order.at(-1)).toBe('batch');
    }
  });

  it('is explained', () => {
    expect(readPage('examples/collector/README.md')).toContain(`(${file})`);
  });
});

it('the agent-ready configuration keeps errors, slow sessions and 5 % of the rest', () => {
  interface Policy {
    readonly type: string;
    readonly status_code?: { readonly status_codes: readonly string[] };
    readonly probabilistic?: { readonly sampling_percentage: number };
  }
  const config = read<{ processors: { tail_sampling: { policies: readonly Policy[] } } }>(
    'examples/collector/agent-ready.yaml',
  );
  const { policies } = config.processors.tail_sampling;
  expect(policies.map(({ type }) => type)).toEqual([
    'status_code',
    'boolean_attribute',
    'latency',
    'probabilistic',
  ]);
  expect(policies[0]?.status_code?.status_codes).toEqual(['ERROR']);
  expect(policies[3]?.probabilistic?.sampling_percentage).toBe(5);
});

describe('examples/compose.yaml', () => {
  interface Service {
    readonly image: string;
    readonly ports?: readonly string[];
    readonly volumes?: readonly string[];
    readonly depends_on?: readonly string[];
  }
  const { services } = read<{ services: Record<string, Service> }>('examples/compose.yaml');

  it('pins images, opens ports on this machine only, and mounts files that are there', () => {
    for (const { image, ports = [], volumes = [], depends_on = [] } of Object.values(services)) {
      expect(image).toMatch(/:v?\d+\.\d+/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const name of depends_on) expect(Object.keys(services)).toContain(name);
      for (const volume of volumes) {
        const path = join(dirname('examples/compose.yaml'), volume.split(':')[0]!);
        expect(existsSync(ROOT + path), path).toBe(true);
        expect(() => read(path)).not.toThrow();
      }
    }
  });

  it('has a service behind every host that its Collector sends to', () => {
    const config = read<CollectorConfig>('examples/collector/everything.yaml');
    const hosts = Object.values(config.exporters as Record<string, { endpoint: string }>).map(
      ({ endpoint }) => /^(?:https?:\/\/)?([^:/]+)/.exec(endpoint)?.[1],
    );
    for (const host of hosts) expect(Object.keys(services)).toContain(host);
  });
});
