import { AgentStraceError } from '../errors.ts';
import type { Signal } from './destination.ts';

interface WrongHost {
  readonly host: RegExp;
  /** Paths of that host that do accept OTLP. */
  readonly except?: RegExp;
  readonly what: string;
  /** The right endpoint, from the match of `host`. */
  right(match: RegExpExecArray): string;
}

/** Hosts that people mistake for an OTLP endpoint and that would drop or refuse what is sent there. */
const WRONG_HOSTS: readonly WrongHost[] = [
  {
    host: /^(?:http-intake\.logs|agent-http-intake\.logs|trace\.agent|api|app)\.((?:[a-z0-9-]+\.)*(?:datadoghq\.(?:com|eu)|ddog-gov\.com))$/,
    what: 'is not the OTLP intake of Datadog',
    right: (match) => `https://otlp.${match[1]}/v1/traces, or --backend datadog`,
  },
  {
    host: /^ingest\.([a-z0-9]+)\.(signalfx\.com|observability\.splunkcloud\.com)$/,
    except: /^\/v2\/(trace|datapoint)\/otlp\/?$/,
    what: 'accepts OTLP only at its own path',
    right: (match) => `https://ingest.${match[1]}.${match[2]}/v2/trace/otlp, or --backend splunk`,
  },
  {
    host: /^(?:api|app)\.[a-z0-9]+\.(?:signalfx\.com|observability\.splunkcloud\.com)$/,
    what: 'is not the ingest host of Splunk',
    right: () => 'https://ingest.<realm>.signalfx.com/v2/trace/otlp, or --backend splunk',
  },
  {
    host: /^(?:trace-api|log-api|metric-api|api|insights-collector)\.((?:eu(?:01)?\.)?)(?:newrelic\.com|nr-data\.net)$/,
    what: 'is not the OTLP endpoint of New Relic',
    right: (match) => `https://otlp.${match[1] ? 'eu01.' : ''}nr-data.net, or --backend new-relic`,
  },
  {
    host: /^api\.langfuse\.com$/,
    what: 'is not a host of Langfuse',
    right: () => 'https://cloud.langfuse.com/api/public/otel, or --backend langfuse',
  },
  {
    host: /^((?:[a-z]+\.)?cloud)\.langfuse\.com$/,
    except: /^\/api\/public\/otel(\/|$)/,
    what: 'accepts OTLP only under /api/public/otel',
    right: (match) => `https://${match[1]}.langfuse.com/api/public/otel, or --backend langfuse`,
  },
  {
    host: /^ui\.honeycomb\.io$/,
    what: 'is the web interface of Honeycomb',
    right: () => 'https://api.honeycomb.io, or --backend honeycomb',
  },
  {
    host: /^(?:smith|api\.smith)\.langchain\.com$/,
    except: /^\/otel(\/|$)/,
    what: 'accepts OTLP only under /otel of its API host',
    right: () => 'https://api.smith.langchain.com/otel, or --backend langsmith',
  },
];

/** Throws `wrong_endpoint`, with the right URL, for a host that is known not to accept OTLP there. */
export function refuseWrongHost(url: URL, signal: Signal): void {
  for (const wrong of WRONG_HOSTS) {
    const match = wrong.host.exec(url.hostname);
    if (match === null || wrong.except?.test(url.pathname)) continue;
    throw new AgentStraceError(
      'wrong_endpoint',
      `${url.hostname} ${wrong.what}, so no ${signal} were sent. Use ${wrong.right(match)}.`,
    );
  }
}
