import type { Profile } from '../delivery/ports.ts';
import { resourceAttributes } from '../delivery/resource.ts';
import { AgentStraceError } from '../errors.ts';
import { loadMapper } from '../mappers/external.ts';
import type { ContentPolicy, Mapper, MapperOptions } from '../mappers/mapper.ts';
import { findMapper, MAPPERS } from '../mappers/registry.ts';
import { parseTraceparent } from '../mappers/traceparent.ts';
import type { Redactor } from '../processing/redaction/redactor.ts';
import { PRICE_TABLE } from '../processing/genai-prices.ts';
import type { Store } from '../store/open-store.ts';
import { VERSION } from '../version.ts';
import type { CommandContext } from './command.ts';
import { keyValues } from './key-value.ts';
import { langfuseChoices } from './langfuse-settings.ts';
import type { Treatment } from './recorded-trace.ts';
import { priceLookup, redactorFor } from './treatment.ts';

/** Everything about a run of `export` that decides what its spans look like. */
export interface ExportSettings {
  readonly mapper: Mapper;
  readonly redactor: Redactor;
  readonly price: Treatment['price'];
  readonly profile: Profile;
}

export const DEFAULT_FORMAT = 'otlp-genai';

/** Reads the flags that shape spans. `format` is what the destination prefers where none was asked for. */
export async function exportSettings(context: CommandContext, store: Store, format = DEFAULT_FORMAT): Promise<ExportSettings> {
  const { options } = context;
  const redactor = await redactorFor(store, options);
  const mapper = await mapperOf(options['mapper'], (options['format'] as string | undefined) ?? format);
  const redact = (text: string) => redactor.text(text);
  const resourceFlags = keyValues('--resource-attribute', options['resourceAttribute']);
  const resource = resourceAttributes({
    serviceName: options['serviceName'] as string | undefined,
    attributes: resourceFlags,
    env: context.env,
    redact,
    warn: context.warn,
  });
  const typedAttributes = keyValues('--attribute', options['attribute']);
  for (const [key, value] of Object.entries(typedAttributes)) typedAttributes[key] = redact(value);
  const langfuse = mapper.name === 'langfuse' ? langfuseChoices(context, resource, redact) : undefined;
  const attributes = { ...langfuse?.attributes, ...typedAttributes };
  const runId = resource['run_id'] ?? attributes['run_id'];
  const profile: Profile = {
    mapper: mapper.name,
    version: VERSION,
    span_names: (options['spanNames'] as string | undefined) ?? 'agent-strace',
    semconv: (options['semconv'] as string | undefined) ?? 'latest',
    content: contentPolicy(context, mapper),
    silent_failures: (options['silentFailures'] as string | undefined) ?? 'mark',
    redaction: redactor.digest,
    prices: PRICE_TABLE,
    resource: JSON.stringify(resource),
    attributes: JSON.stringify(attributes),
    run_id: runId === undefined ? null : String(runId),
    traceparent: traceparentOf(context),
    shift_us: null,
    environment: langfuse?.environment ?? null,
    tags: langfuse === undefined || langfuse.tags.length === 0 ? null : JSON.stringify(langfuse.tags),
  };
  return { mapper, redactor, price: await priceLookup(), profile };
}

async function mapperOf(path: unknown, format: string): Promise<Mapper> {
  if (typeof path === 'string') return loadMapper(path);
  const mapper = findMapper(format);
  if (mapper === undefined) {
    throw new AgentStraceError('usage', `--format ${JSON.stringify(format)}: known formats are ${MAPPERS.map((known) => known.name).join(', ')}`);
  }
  return mapper;
}

/** `--content`, else the GenAI variable (true means redacted, never verbatim), else the format's own default. */
function contentPolicy(context: CommandContext, mapper: Mapper): ContentPolicy {
  const asked = context.options['content'];
  if (asked === 'none' || asked === 'redacted' || asked === 'full') return asked;
  const variable = context.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim().toLowerCase();
  if (variable === 'true' || variable === 'span_only' || variable === 'span_and_event') return 'redacted';
  if (variable === 'false' || variable === 'no_content') return 'none';
  return mapper.contentDefault;
}

function traceparentOf(context: CommandContext): string | null {
  const text = context.options['traceparent'];
  if (typeof text !== 'string') return null;
  if (parseTraceparent(text) !== undefined) return text;
  context.warn('--traceparent is not a W3C trace context; it was ignored');
  return null;
}

/** The mapper options a profile stands for. */
export function mapperOptionsOf(profile: Profile): MapperOptions {
  return {
    spanNames: profile['span_names'] as MapperOptions['spanNames'],
    semconv: profile['semconv'] as MapperOptions['semconv'],
    content: profile['content'] as MapperOptions['content'],
    silentFailures: profile['silent_failures'] as MapperOptions['silentFailures'],
    environment: typeof profile['environment'] === 'string' ? profile['environment'] : undefined,
    tags: typeof profile['tags'] === 'string' ? (JSON.parse(profile['tags']) as string[]) : undefined,
  };
}
