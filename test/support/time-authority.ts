import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-store.ts';

/** Where an authority keeps its files, and `openssl` run there. */
class Folder {
  readonly #path = temporaryFolder();
  at = (name: string) => join(this.#path, name);
  openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: this.#path, stdio: 'pipe' });
}

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
[plain]
keyUsage = digitalSignature
[uncritical]
extendedKeyUsage = timeStamping
[several]
extendedKeyUsage = critical,timeStamping,codeSigning
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = certificates
default_md = sha256
policy = named
x509_extensions = tsa
[named]
commonName = supplied
[tsa_config]
serial = serial
crypto_device = builtin
default_policy = 1.2.3.4
digests = sha256, sha512
signer_digest = sha256
[precise]
serial = serial
crypto_device = builtin
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
clock_precision_digits = 6
`;

type Years = readonly [from: number, until: number];

/** A certificate for the key that is valid in these years. */
function validIn([from, until]: Years, { at, openssl }: Folder, name: string): void {
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('certificates'), '01');
  openssl('req', '-config', 'openssl.cnf', '-new', '-key', `${name}.key`, '-out', `${name}.csr`);
  const dates = ['-startdate', `${from}0101000000Z`, '-enddate', `${until}0101000000Z`];
  const own = ['-config', 'openssl.cnf', '-selfsign', '-keyfile', `${name}.key`];
  openssl('ca', '-batch', ...own, '-in', `${name}.csr`, '-out', `${name}.pem`, ...dates);
}

type Unfitness = 'plain' | 'uncritical' | 'several';

/**
 * A certificate for the key that no time authority may have: it says nothing of time stamps, is not critical there, or
 * is for other things too.
 */
function unfit({ at, openssl }: Folder, name: string, how: Unfitness): Buffer {
  const key = ['-key', `${name}.key`, '-outform', 'der', '-out', `${name}-${how}.der`];
  openssl('req', '-x509', '-config', 'openssl.cnf', '-extensions', how, '-days', '2', ...key);
  return readFileSync(at(`${name}-${how}.der`));
}

/** An authority of our own: its certificate in DER, tokens by it, and unfit certificates of its key. */
export function timeAuthority(name: string, keyArguments: string[], years?: Years) {
  const folder = new Folder();
  const { at, openssl } = folder;
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
  if (years !== undefined) validIn(years, folder, name);
  openssl('x509', '-in', `${name}.pem`, '-outform', 'der', '-out', `${name}.der`);
  return {
    certificate: readFileSync(at(`${name}.der`)),
    unfitCertificate: (how: Unfitness) => unfit(folder, name, how),
    stamp(text: string, digest = '-sha256', section = 'tsa_config'): Buffer {
      writeFileSync(at('data'), text);
      openssl('ts', '-query', '-data', 'data', digest, '-cert', '-out', 'query');
      openssl(
        'ts',
        '-reply',
        '-config',
        'openssl.cnf',
        '-section',
        section,
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
