import type { Agent } from 'node:http';
import { AgentStraceError } from '../errors.ts';
import { isLoopback } from './loopback.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An agent that goes through the proxy which the environment names for this URL, or undefined when there is
 * none. The proxy library loads only then.
 */
export async function proxyAgent(url: URL, environment: Environment): Promise<Agent | undefined> {
  const proxy = proxyFor(url, environment);
  if (proxy === undefined) return undefined;
  if (url.protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(proxy, { keepAlive: true });
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy, { keepAlive: true });
}

/**
 * The proxy of `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` (lower case first) for a URL; undefined where there
 * is none, for this machine itself and for what `NO_PROXY` lists. Throws `usage` for a proxy that is not HTTP.
 */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  const read = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const proxy = read(`${url.protocol.slice(0, -1)}_proxy`) ?? read('all_proxy');
  if (proxy === undefined || isLoopback(url.hostname)) return undefined;
  if (excluded(url, read('no_proxy') ?? '')) return undefined;
  const full = proxy.includes('://') ? proxy : `http://${proxy}`;
  const protocol = URL.canParse(full) ? new URL(full).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return full;
  // The value itself is not shown: it may hold a password.
  throw new AgentStraceError(
    'usage',
    'The proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not an http:// or https:// URL.',
  );
}

/** `NO_PROXY`: hosts with or without a port, domains with their subdomains, or `*` for all. */
function excluded(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', entryPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      const domain = name.replace(/^\*?\./, '');
      if (domain === '' || (entryPort !== undefined && entryPort !== port)) return false;
      return host === domain || host.endsWith(`.${domain}`);
    });
}
