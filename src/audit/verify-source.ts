import type { AuditSource } from './audit-source.ts';
import { inChunks } from './package-file.ts';
import type { PackageOptions } from './package-options.ts';
import { verifyPackage } from './verify-package.ts';
import { STORE_CHECK_ID, type Trust, type VerifyResult } from './verify-result.ts';
import { writePackage } from './write-package.ts';

/**
 * Checks a store as if it were a package of everything in it, contents included; writes nothing.
 * @throws AgentStraceError when a row of the store cannot be read.
 */
export function verifySource(
  source: AuditSource,
  tool: PackageOptions['tool'],
  now: string,
  trust: Trust = {},
): VerifyResult {
  const options: PackageOptions = {
    id: STORE_CHECK_ID,
    generatedAt: now,
    tool,
    declarations: {},
    selection: { arguments: {} },
    disclose: () => true,
    touches: () => false,
    touchesHeader: () => false,
    keys: [],
  };
  return verifyPackage(() => inChunks(writePackage(source, options)), trust);
}
