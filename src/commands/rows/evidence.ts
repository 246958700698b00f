import type { CommandRow } from '../command.ts';
import type { OptionName } from '../options.ts';

const TRUST: readonly OptionName[] = ['verifierKey', 'knownCheckpoint', 'timeAuthority'];

export const EVIDENCE_COMMANDS: readonly CommandRow[] = [
  {
    name: 'verify',
    arguments: '[session]',
    meaning: 'the beginning of its id; where none is named, the whole store',
    summary:
      'check an audit package, or the store: exit 0 nothing contradicts, 1 something does, 2 not checkable, 3 less established than asked for',
    options: ['fromExport', ...TRUST, 'requireLevel', 'allowEmpty', 'verdictFormat', 'quiet', 'db'],
    examples: [
      'agent-strace verify --from-export audit.json --key "$VERIFIER_KEY" --known-checkpoint march.checkpoint',
      'agent-strace verify 3f2a',
    ],
    load: () => import('../verify.ts'),
  },
  {
    name: 'audit-readiness',
    summary: 'store checks before export: exit 1 when a check found a gap',
    options: ['declare', 'keyFile', 'verdictFormat', 'quiet', 'db'],
    load: () => import('../audit-readiness.ts'),
  },
  {
    name: 'keys',
    summary: 'the key that signs audit packages',
    options: [],
    commands: [
      {
        name: 'generate',
        summary: 'make a key, outside the store, readable by you only',
        options: ['keyName', 'keyFile', 'quiet', 'db'],
        load: () => import('../keys-generate.ts'),
      },
      {
        name: 'show',
        summary: 'the verifier key, to be given to whoever checks packages',
        options: ['keyFile', 'json', 'quiet'],
        load: () => import('../keys-show.ts'),
      },
    ],
  },
];
