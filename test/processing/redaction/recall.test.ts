import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../src/processing/redaction/redactor.ts';
import { KEY_BLOCKS, keyBlock, SECRET_FORMATS } from './secret-formats.ts';
import { ALNUM, SeededRandom } from './seeded-random.ts';
import { TELLING_PLACES } from './telling-places.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 1) });

/** Where a secret stands in tool inputs and outputs, and the letter right before it. */
const PLACES: { readonly [name: string]: (secret: string) => string } = {
  alone: (s) => s,
  'in a sentence': (s) => `the new one is ${s}, keep it safe`,
  'in quotes': (s) => `connect("${s}")`,
  'in an escaped line': (s) => `first\\n${s}\\nthird`,
  'on its own line': (s) => `first\n${s}\nthird`,
  'in terminal colours': (s) => `\u001b[32m${s}\u001b[0m`,
  'in a query': (s) => `GET /x?k=${s}&page=2`,
  'after a URL escape': (s) => `q%3D${s}`,
  'between non-ASCII text': (s) => `ключ→${s}←`,
  'in brackets': (s) => `[${s}]`,
};

/** The part that must not survive; some formats keep a readable beginning. */
const core = (secret: string): string => secret.slice(-16);

describe('every listed format is found wherever it occurs', () => {
  for (const [name, generate] of Object.entries(SECRET_FORMATS)) {
    test(name, () => {
      const random = new SeededRandom(20_260_101);
      for (let round = 0; round < 20; round++) {
        for (const [place, around] of Object.entries(PLACES)) {
          const secret = generate(random);
          const text = around(secret);
          const safe = redactor.text(text);
          expect(safe, `${place}: ${text}`).not.toContain(secret);
          if (name !== 'Sentry DSN') expect(safe, `${place}: ${text}`).not.toContain(core(secret));
          expect(redactor.text(safe), place).toBe(safe);
          const json = redactor.json(JSON.stringify({ out: text, list: [text] }));
          expect(json, place).not.toContain(secret);
          expect(JSON.parse(json).out, place).toBe(safe);
        }
      }
    });
  }
});

describe('secrets are recognised by what precedes them', () => {
  for (const [name, place, generate] of TELLING_PLACES) {
    test(name, () => {
      const random = new SeededRandom(7);
      for (let round = 0; round < 50; round++) {
        const secret = generate(random);
        const text = place(secret);
        const safe = redactor.text(text);
        expect(safe, text).not.toContain(secret);
        expect(redactor.text(safe), text).toBe(safe);
        const inJson = redactor.json(JSON.stringify({ command: text }));
        expect(inJson, text).not.toContain(secret);
        expect(() => JSON.parse(inJson)).not.toThrow();
      }
    });
  }
});

describe('private keys go with their armour', () => {
  for (const armour of KEY_BLOCKS) {
    test(armour, () => {
      const random = new SeededRandom(3);
      for (const newline of ['\n', '\r\n', '\\n']) {
        const { text, body } = keyBlock(random, armour, newline);
        const safe = redactor.text(`before ${text} after`);
        expect(safe).toMatch(/^before \[private-key:[0-9a-f]{8}\] after$/);
        expect(redactor.json(JSON.stringify({ key: text }))).not.toContain(body);
        const cut = redactor.text(text.slice(0, 200));
        expect(cut).not.toContain(body.slice(0, 20));
      }
    });
  }
});

test.each([
  ['ghp_', 36],
  ['github_pat_', 82],
  ['glpat-', 20],
  ['npm_', 36],
  ['AIza', 35],
  ['hf_', 34],
  ['dop_v1_', 64],
])('a %s token that the end of its text cut is found', (beginning, length) => {
  const random = new SeededRandom(7);
  const body = random.chars(ALNUM, length);
  for (const ending of ['', '…', '... [cut]', '"}']) {
    for (let kept = 17; kept < length; kept += 3) {
      const text = `see ${beginning}${body.slice(0, kept)}${ending}`;
      const safe = redactor.text(ending === '"}' ? `{"a": "${text}` : text);
      expect(safe, text).not.toContain(body.slice(0, 12));
    }
  }
  const whole = `${beginning}${body} is known by its own rule`;
  expect(redactor.text(whole)).not.toContain('cut-token');
});

test('names that begin like a token stay at the end of a text', () => {
  for (const text of [
    'npm_config_registry_url',
    'hf_hub_download_file',
    'see AKIAEXAMPLE',
    'EAAAAAAAAAAAAAAAAAAAAAAA',
    'npm_config_target_platform_arm64',
    'cat src/hf_model_loader2.py',
    'jina_embeddings_v2_base_en',
    'xai-grok-4-fast-reasoning-0709',
    'pplx-7b-online-experimental',
    'dapiGatewayServiceV2',
    'SG.web-frontend-sg-0a1b',
    'ASIA_PACIFIC_SALES_2024_Q3',
    'git switch feature/pul-sar-timing-2024',
  ])
    expect(redactor.text(text)).toBe(text);
});

test('a private key in base64 goes, a certificate stays', () => {
  const random = new SeededRandom(5);
  const packed = (kind: string) =>
    Buffer.from(
      `-----BEGIN ${kind}-----\n${random.chars(ALNUM, 64)}\n${random.chars(ALNUM, 64)}\n-----END ${kind}-----\n`,
    ).toString('base64');
  const key = packed('EC PRIVATE KEY');
  expect(redactor.text(`echo ${key} | base64 -d`)).toMatch(
    /^echo \[private-key:\w{8}\] \| base64 -d$/,
  );
  const wrapped = key.replace(/.{76}/g, '$&\n');
  expect(redactor.text(`a\n${wrapped}\nb`)).toMatch(/^a\n\[private-key:\w{8}\]\nb$/);
  const certificate = packed('CERTIFICATE');
  expect(redactor.text(`echo ${certificate}`)).toBe(`echo ${certificate}`);
});
