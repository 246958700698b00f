import type { Trust, VerifyResult } from '../../audit/verify-result.ts';
import { verifySource } from '../../audit/verify-source.ts';
import { AgentStraceError } from '../../errors.ts';
import { type Contradiction, copiedColumns } from '../../store/copied-columns.ts';
import type { Store } from '../../store/open-store.ts';
import { unlistedTexts } from '../../store/unlisted-texts.ts';
import { toolBlock } from '../output/tool-block.ts';
import { storeAuditSource, type TraceChoice } from './store-audit-source.ts';

/**
 * Checks the store as a package of it would be checked, plus the columns by which its events are found, and that it
 * holds no texts for which no header vouches. If it cannot even be read as a package, that is a contradiction of the
 * store, not a reason to report nothing. Needs an open read transaction.
 */
export function checkStore(
  store: Store,
  choice: TraceChoice | undefined,
  trust: Trust = {},
): VerifyResult {
  const { roots } = choice ?? {};
  const copies = [...copiedColumns(store, roots), ...unlistedTexts(store, roots)].map(findingOf);
  try {
    const result = verifySource(
      storeAuditSource(store, choice, true),
      toolBlock(),
      new Date().toISOString(),
      trust,
    );
    if (result.verdict === 'not_checked' && !NOT_DAMAGED.has(result.codes[0]!))
      return failed(result, [damage(`a row is damaged: ${result.reason}`), ...copies]);
    return copies.length === 0 ? result : failed(result, [...result.failures, ...copies]);
  } catch (error) {
    if (!(error instanceof AgentStraceError) || error.code !== 'not_checkable') throw error;
    const nothing = { warnings: [], trust: { claimedTimes: [] } };
    return failed(nothing, [damage(error.message), ...copies]);
  }
}

/** A store may be empty, and a package of it may exceed the limits. */
const NOT_DAMAGED: ReadonlySet<string> = new Set(['E_EMPTY', 'E_LIMIT']);

function damage(detail: string): VerifyResult['failures'][number] {
  return { code: 'F_LEDGER', detail };
}

function failed(
  result: Pick<VerifyResult, 'warnings' | 'trust'>,
  failures: VerifyResult['failures'],
): VerifyResult {
  const codes = [...new Set(failures.map(({ code }) => code))];
  return { ...result, verdict: 'failed', exit: 1, level: undefined, codes, failures };
}

function findingOf({ session, n, kind, detail }: Contradiction): VerifyResult['failures'][number] {
  const code = kind === 'more_events' ? 'F_COUNT' : 'F_SUMMARY';
  return { code, detail, session: session ?? undefined, n: n ?? undefined };
}
