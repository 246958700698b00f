import type { CommandRow } from './command.ts';
import { EVIDENCE_COMMANDS } from './rows/evidence.ts';
import { JUDGING_COMMANDS } from './rows/judging.ts';
import { KEEPING_COMMANDS } from './rows/keeping.ts';
import { PROGRAM_COMMANDS } from './rows/program.ts';
import { READING_COMMANDS } from './rows/reading.ts';
import { RECORDING_COMMANDS } from './rows/recording.ts';
import { SENDING_COMMANDS } from './rows/sending.ts';

/** All commands, in the order of help. */
export const COMMANDS: readonly CommandRow[] = [
  ...READING_COMMANDS,
  ...SENDING_COMMANDS,
  ...JUDGING_COMMANDS,
  ...RECORDING_COMMANDS,
  ...EVIDENCE_COMMANDS,
  ...KEEPING_COMMANDS,
  ...PROGRAM_COMMANDS,
];
