import type { CommandRow } from '../command.ts';
import type { OptionName } from '../options.ts';

const TRUST: readonly OptionName[] = ['verifierKey', 'knownCheckpoint', 'timeAuthority'];

export const EVIDENCE_COMMANDS: readonly CommandRow[] = [
  {
    name: 'verify',
    arguments: '[session]',
    meaning: 'session id, or the beginning of one (default: the whole store)',
    summary:
      'verify an audit package or the store: exit 0 no contradiction, 1 contradiction found, 2 not checkable, 3 required level not reached',
    options: ['fromExport', ...TRUST, 'requireLevel', 'allowEmpty', 'verdictFormat', 'quiet', 'db'],
    examples: [
      'agent-strace verify --from-export audit.json --key "$VERIFIER_KEY" --known-checkpoint march.checkpoint',
      'agent-strace verify 3f2a',
    ],
    load: () => import('../verify.ts'),
  },
  {
    name: 'audit-readiness',
    summary: 'check the store for gaps before making an audit package: exit 1 when one is found',
    options: ['declare', 'keyFile', 'verdictFormat', 'quiet', 'db'],
    load: () => import('../audit-readiness.ts'),
  },
  {
    name: 'keys',
    summary: 'manage the key that signs audit packages',
    options: [],
    commands: [
      {
        name: 'generate',
        summary: 'generate a key outside the store, readable only by you',
        options: ['keyName', 'keyFile', 'quiet', 'db'],
        load: () => import('../keys-generate.ts'),
      },
      {
        name: 'show',
        summary: 'print the verifier key, for whoever checks your packages',
        options: ['keyFile', 'json', 'quiet'],
        load: () => import('../keys-show.ts'),
      },
    ],
  },
];
