import type { PackageOptions } from '../../audit/package-options.ts';
import { VERSION } from '../../version.ts';

/** The description of this program in packages. */
export function toolBlock(): PackageOptions['tool'] {
  return {
    name: 'agent-strace',
    version: VERSION,
    runtime: `node ${process.versions.node}`,
    platform: `${process.platform} ${process.arch}`,
  };
}
