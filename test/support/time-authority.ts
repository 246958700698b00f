import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'time-token-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

const CONFIG = `
[req]
distinguished_name = dn
prompt = no
x509_extensions = tsa
[dn]
CN = Test time authority
[tsa]
extendedKeyUsage = critical,timeStamping
[tsa_config]
serial = serial
crypto_device = builtin
default_policy = 1.2.3.4
digests = sha256, sha512
signer_digest = sha256
`;

/** An authority of our own: its certificate in DER, and tokens by it. */
export function timeAuthority(name: string, keyArguments: string[]) {
  writeFileSync(at('openssl.cnf'), CONFIG);
  writeFileSync(at('serial'), '01');
  openssl(
    'req',
    '-x509',
    '-config',
    'openssl.cnf',
    '-nodes',
    '-newkey',
    ...keyArguments,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
    '-days',
    '2',
  );
  openssl('x509', '-in', `${name}.pem`, '-outform', 'der', '-out', `${name}.der`);
  return {
    certificate: readFileSync(at(`${name}.der`)),
    stamp(text: string, digest = '-sha256'): Buffer {
      writeFileSync(at('data'), text);
      openssl('ts', '-query', '-data', 'data', digest, '-cert', '-out', 'query');
      openssl(
        'ts',
        '-reply',
        '-config',
        'openssl.cnf',
        '-section',
        'tsa_config',
        '-queryfile',
        'query',
        '-signer',
        `${name}.pem`,
        '-inkey',
        `${name}.key`,
        '-out',
        'reply',
      );
      return readFileSync(at('reply'));
    },
  };
}
