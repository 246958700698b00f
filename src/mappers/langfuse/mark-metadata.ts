import type { Operation } from '../../session/operation.ts';
import type { AttributeRow } from '../attribute-table.ts';
import { MARK_ROWS } from '../mark-rows.ts';
import { metadataKey } from './trace-rows.ts';

/** The marks of every operation as metadata that can be filtered by. */
export const MARK_METADATA_ROWS: readonly AttributeRow<Operation>[] = MARK_ROWS.map((row) => ({
  ...row,
  key: metadataKey(row.key.replace('agent_strace.', '').replaceAll('.', '_')),
}));
