import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Sidecars } from '../agents/agent.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 10_000;

/** What lies beside a source on the disk. */
export const FOLDER_SIDECARS: Sidecars = { read: readSidecar, list: listFolder };

function readSidecar(path: string, most = MAX_BYTES): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= most ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort().slice(0, MAX_NAMES);
  } catch {
    return [];
  }
}
