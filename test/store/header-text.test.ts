import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/integrity/canonical-json.ts';
import { EncodingRoom } from '../../src/integrity/encoding-room.ts';
import type { EventDraft } from '../../src/session/event.ts';
import { chainedEvent } from '../../src/store/chained-event.ts';
import { commitTexts } from '../../src/store/committed-texts.ts';
import { joinFacts, splitFacts } from '../../src/store/sealed-facts.ts';
import { hookFact } from '../support/audit-cli.ts';

const row = {
  id: 1,
  session_id: 's',
  root: 1,
  chain: '0'.repeat(32),
  head_hash: '1'.repeat(64),
  event_count: 3,
  first_us: null,
  last_us: null,
  end_us: null,
  point_count: 0,
  point_closed: 0,
  rereads: false,
};
/** The text of the header that the writer would hash and store. */
function headerOf(draft: EventDraft): string {
  const place = { row, operation: '0123456789abcdef', parent: undefined };
  const room = new EncodingRoom();
  return Buffer.from(chainedEvent(draft, commitTexts(draft, room), place, room).header).toString();
}

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.boolean(),
  fc.double(),
  fc.array(fc.string()),
);
const name = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.nat(99).map(String),
  fc.constantFrom('name', 'cwd', 'outcome', '__proto__'),
);
const facts = fc.dictionary(name, value, { noNullPrototype: true });

describe('headers', () => {
  it('are canonical JSON whatever the names and values of the facts', () => {
    fc.assert(
      fc.property(facts, fc.boolean(), (given, withText) => {
        const contents = withText
          ? (['text', 'input', 'error'] as const).map((content) => ({
              name: content,
              text: 'x',
              media: 'text/plain' as const,
            }))
          : undefined;
        const header = headerOf(hookFact('s', 'notice', 1, { facts: given, contents }));
        const read = JSON.parse(header);
        expect(header).toBe(canonicalJson(read));
        for (const known of Object.keys(read.facts)) expect(known).toMatch(/^[A-Za-z_]/);
      }),
      { numRuns: 2000 },
    );
  });
});

it('leave out names that would change the object that holds them', () => {
  const given = JSON.parse('{"__proto__":["x"],"cwd":"/srv"}');
  const draft = hookFact('s', 'notice', 1, { facts: given });
  expect(JSON.parse(headerOf(draft)).sealed).toEqual(['cwd']);
});

describe('sealed facts', () => {
  it('together with the open ones give back the original facts', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
        ),
        (given) => {
          fc.pre(!Object.hasOwn(given, '__proto__'));
          const { open, sealed } = splitFacts(given);
          const joined = joinFacts(open, sealed === undefined ? undefined : canonicalJson(sealed));
          expect(joined).toEqual({ ...given });
        },
      ),
    );
  });

  it('are all texts that are not identifiers, under whatever name', () => {
    const { open, sealed } = splitFacts({
      name: 'Bash',
      response_model: 'anthropic/claude-opus-4-5@20251101',
      agent_name: 'Claude Code',
      exit_code: 1,
      tool_name: '/home/jane/bin/tool',
      skill: 'a sentence of more than four words',
      error_type: 'mail jane@example.org',
      cwd: '/srv/app',
      anything_new: 'word',
      files: ['read:/etc/passwd'],
      inputs: ['user:prompt:1'],
    });
    expect(Object.keys(JSON.parse(open))).toEqual([
      'agent_name',
      'exit_code',
      'inputs',
      'name',
      'response_model',
    ]);
    expect(Object.keys(sealed ?? {})).toEqual([
      'anything_new',
      'cwd',
      'error_type',
      'files',
      'skill',
      'tool_name',
    ]);
  });

  it('do not reveal a text through their names', () => {
    const { open, sealed, names } = splitFacts({
      'jane@example.org asked': 1,
      '\ud800': true,
      cwd: '/srv',
      count: 2,
    });
    expect(JSON.parse(open)).toEqual({ count: 2 });
    expect(names).toEqual(['(other)', 'cwd']);
    expect(sealed).toEqual({ 'jane@example.org asked': 1, '\ufffd': true, cwd: '/srv' });
  });
});
