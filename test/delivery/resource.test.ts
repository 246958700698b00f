import { expect, test } from 'vitest';
import { resourceAttributes } from '../../src/delivery/resource.ts';

function resourceOf(env: Record<string, string>, serviceName?: string) {
  const warnings: string[] = [];
  const attributes = resourceAttributes({
    serviceName,
    env,
    attributes: { site: 'flag' },
    redact: (_key, text) => text.replace('secret', '…'),
    warn: (line) => void warnings.push(line),
  });
  return { attributes, warnings };
}

test('the name of the service is the most particular one that is given', () => {
  const listed = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed,site=variable' };
  const nameOf = (env: Record<string, string>, flag?: string) =>
    resourceOf(env, flag).attributes['service.name'];
  expect(nameOf({})).toBe('agent-trace');
  expect(nameOf(listed)).toBe('listed');
  expect(nameOf({ ...listed, OTEL_SERVICE_NAME: '' })).toBe('listed');
  expect(nameOf({ ...listed, OTEL_SERVICE_NAME: 'named' })).toBe('named');
  expect(nameOf({ ...listed, OTEL_SERVICE_NAME: 'named' }, 'flag-secret')).toBe('flag-…');
  expect(resourceOf(listed).attributes['site']).toBe('flag');
});

test.each(['=x', 'a', 'a=%E0%A4%A', '__proto__=x', 'a=1,=2'])(
  'a list of attributes with a bad entry is ignored as a whole (%j)',
  (list) => {
    const { attributes, warnings } = resourceOf({ OTEL_RESOURCE_ATTRIBUTES: list });
    expect(attributes).toEqual({ 'service.name': 'agent-trace', site: 'flag' });
    expect(warnings).toHaveLength(1);
  },
);
