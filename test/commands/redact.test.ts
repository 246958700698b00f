import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const TOKEN = ['ghp', 'AbCdEf0123456789AbCdEf0123456789AbCd'].join('_');
const OTHER = ['ghp', 'ZyXwVu9876543210ZyXwVu9876543210ZyXw'].join('_');

function file(name: string, text: string): { path: string; db: string } {
  const folder = temporaryFolder();
  const path = join(folder, name);
  writeFileSync(path, text);
  return { path, db: join(folder, 'none.db') };
}

const check = (path: string, db: string, ...more: string[]) =>
  runCli(['redact', '--check', path, '--db', db, ...more]);

describe('redact --check', () => {
  it('shows rule, line, column and placeholder, never the value', async () => {
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIBOgIBAAJBAKj34GkxFhD9',
      '-----END RSA PRIVATE KEY-----',
    ];
    const { path, db } = file(
      'notes.md',
      `first line\nmail jane@corp.example.org, ${TOKEN}!\n${key.join('\n')}\nagain ${TOKEN}\n`,
    );
    const { code, stdout, stderr } = await check(path, db);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(path, 'F'));
    const digits = '[0-9a-f]{8}';
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^F:2:6 email \\[email:${digits}\\]$`)),
      expect.stringMatching(new RegExp(`^F:2:29 github-token \\[github-token:${digits}\\]$`)),
      expect.stringMatching(new RegExp(`^F:3:1 private-key \\[private-key:${digits}\\]$`)),
      expect.stringMatching(new RegExp(`^F:6:7 github-token \\[github-token:${digits}\\]$`)),
    ]);
    expect(lines[1]!.split(' ')[2]).toBe(lines[3]!.split(' ')[2]);
    expect(stderr).toContain('4 places would be redacted');
    expect(stdout + stderr).not.toMatch(/jane|AbCdEf|MIIB/);
  });

  it('finds values inside JSON and JSON Lines, escapes included', async () => {
    const inner = JSON.stringify({ note: `say "${TOKEN}"` });
    const rows = [{ fine: 1 }, { text: inner, password: 'correct-horse-battery' }, { last: OTHER }];
    const { path, db } = file('log.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const { stdout } = await check(path, db, '--json');
    const { places, rules } = JSON.parse(stdout);
    expect(places.map((place: { line: number; rule: string }) => [place.line, place.rule])).toEqual(
      [
        [2, 'github-token'],
        [2, expect.stringMatching(/secret|password/)],
        [3, 'github-token'],
      ],
    );
    const line = JSON.stringify(rows[1]);
    expect(line.slice(places[0].column - 1).startsWith(TOKEN)).toBe(true);
    expect(line.slice(places[1].column - 1).startsWith('correct-horse')).toBe(true);
    expect(rules['github-token']).toBe(2);
  });

  it('does not take a placeholder that was there before for a finding', async () => {
    const { path, db } = file('old.txt', 'seen [email:0123abcd] and [github-token:deadbeef]\n');
    const { stdout, stderr } = await check(path, db);
    expect(stdout).toBe('');
    expect(stderr).toContain('nothing would be redacted');
  });

  it('applies the user’s own rules, and says what is wrong with them', async () => {
    const { path, db } = file('a.txt', 'badge ACME-123456 here\n');
    const rules = (text: string) => file('rules.json', text).path;
    const good = rules(
      '{"rules": [{"name": "acme-badge", "kind": "personal", "pattern": "ACME-\\\\d{6}"}]}',
    );
    expect((await check(path, db, '--redact-rules', good)).stdout).toMatch(/:1:7 acme-badge/);
    const host = file('b.txt', 'host 203.0.113.7 is down\n').path;
    const optional = rules('{"rules": [{"name": "ip-address"}]}');
    expect((await check(host, db)).stdout).toBe('');
    expect((await check(host, db, '--redact-rules', optional)).stdout).toMatch(/:1:6 ip-address/);
    for (const [text, said] of [
      [
        '{"rules": [{"name": "slow", "pattern": "(a+)+b"}]}',
        /rule 1 \(slow\) has a pattern that repeats/,
      ],
      ['{"rules": [{"name": "Bad Name", "pattern": "x"}]}', /rule 1 needs a "name"/],
      [
        '{"rules": [{"name": "open", "pattern": "("}]}',
        /rule 1 \(open\) has a pattern that is not a regular expression/,
      ],
      ['{"rules": [{"name": "ip-address", "pattern": "x"}]}', /name of a built-in rule/],
      ['{"rules": [', /--redact-rules .*rules\.json/],
      ['{"rules": [{"name": "all", "pattern": "x*"}]}', /matches the empty text/],
    ] as const) {
      const bad = await check(path, db, '--redact-rules', rules(text));
      expect([bad.code, bad.stdout]).toEqual([2, '']);
      expect(bad.stderr).toMatch(said);
    }
  });

  it('reads stdin, and says when a file cannot be read', async () => {
    const { db } = file('x', '');
    const piped = await runCli(['redact', '--check', '-', '--db', db], {
      input: `token ${TOKEN}\n`,
    });
    expect(piped.stdout).toMatch(/^stdin:1:7 github-token/);
    const missing = await check(join(temporaryFolder(), 'nope'), db);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('ENOENT');
  });
});

describe('redact', () => {
  it('writes the text without what would go, JSON still JSON', async () => {
    const plain = file('a.txt', `one ${TOKEN}\r\ntwo\n`);
    const text = await runCli(['redact', plain.path, '--db', plain.db]);
    expect(text.stdout).toMatch(/^one \[github-token:[0-9a-f]{8}\]\r\ntwo\n$/);
    const json = file('a.jsonl', `{"t":"${TOKEN}"}\n{"n":1}\n`);
    const lines = (await runCli(['redact', json.path, '--db', json.db])).stdout.trim().split('\n');
    expect(JSON.parse(lines[0]!).t).toMatch(/^\[github-token/);
    expect(lines[1]).toBe('{"n":1}');
  });
});
