import { describe, expect, it } from 'vitest';
import { attachAttestation } from '../../src/audit/attach-attestation.ts';
import { verdictText } from '../../src/audit/verdict-text.ts';
import { verifyPackage } from '../../src/audit/verify-package.ts';
import { generateSigningKey } from '../../src/integrity/signing-key.ts';
import { readTimeToken } from '../../src/integrity/time-token.ts';
import { HAS_OPENSSL, timeAuthority } from '../support/time-authority.ts';
import { opened, packageText, sampleStore } from './sample-store.ts';

const authority = timeAuthority;

describe.skipIf(!HAS_OPENSSL)('time tokens made by openssl', () => {
  it.each([
    ['rsa', ['rsa:2048']],
    ['ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']],
  ])('with an %s key are read and checked', (name, keyArguments) => {
    const own = authority(name, keyArguments);
    const token = readTimeToken(own.stamp('a text\n', name === 'ec' ? '-sha512' : '-sha256'))!;
    expect(token.time).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(token.covers(Buffer.from('a text\n'))).toBe(true);
    expect(token.covers(Buffer.from('b text\n'))).toBe(false);
    expect(token.isSignedBy(own.certificate)).toBe(true);
    expect(token.isSignedBy(authority(`${name}-other`, keyArguments).certificate)).toBe(false);
    expect(token.isSignedBy(Buffer.from('no certificate'))).toBe(false);
  });

  it('with any byte changed are not accepted as they were', () => {
    const own = authority('flip', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
    const bytes = own.stamp('a text\n');
    const whole = readTimeToken(bytes)!;
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      const token = readTimeToken(changed);
      const accepted =
        token?.covers(Buffer.from('a text\n')) === true && token.isSignedBy(own.certificate);
      // What is not signed may change: status, certificates, algorithm parameters. Time and text may not.
      if (accepted) expect(token.time).toBe(whole.time);
    }
    expect(readTimeToken(bytes.subarray(0, 100))).toBeUndefined();
    expect(readTimeToken(Buffer.alloc(0))).toBeUndefined();
  });

  it('raise the level only when the authority is pinned and the text is that of the package', () => {
    const own = authority('level', ['rsa:2048']);
    const key = generateSigningKey('example.test/store');
    const { text, report } = packageText(sampleStore().source(), { keys: [key] });
    const withToken = (statement: string) => {
      const data = own.stamp(statement).toString('base64');
      return [
        ...attachAttestation(opened(text), { type: 'rfc3161', covers: 'package', data }),
      ].join('');
    };
    const stamped = withToken(report.statement);
    const timeAuthorities = [own.certificate];
    const result = verifyPackage(opened(stamped), {
      key,
      timeAuthorities,
      requireLevel: 'timestamped',
    });
    expect(result).toMatchObject({ exit: 0, level: 'timestamped' });
    expect(verdictText(result)).toContain(`existed by ${result.trust.existedBy}`);
    const unpinned = verifyPackage(opened(stamped), { key });
    expect(unpinned).toMatchObject({ exit: 0, level: 'signed' });
    expect(verdictText(unpinned)).toContain('its signature was not checked');
    expect(verifyPackage(opened(stamped), { key, requireLevel: 'timestamped' })).toMatchObject({
      exit: 3,
      codes: ['N_NO_TIME'],
    });
    const other = withToken('agent-strace audit package v1\nid x\nsha256 y\n');
    for (const trust of [{}, { key }, { key, timeAuthorities }]) {
      expect(verifyPackage(opened(other), trust)).toMatchObject({
        exit: 1,
        codes: ['F_TIME_TOKEN'],
      });
    }
  });
});

describe('a time token that cannot be read', () => {
  it('fails the package', () => {
    const { text } = packageText(sampleStore().source());
    const changed = [...attachAttestation(opened(text), { type: 'rfc3161', data: 'AAAA' })].join(
      '',
    );
    expect(verifyPackage(opened(changed))).toMatchObject({ exit: 1, codes: ['F_TIME_TOKEN'] });
  });
});
