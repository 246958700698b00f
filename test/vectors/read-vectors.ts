import { readFileSync } from 'node:fs';

/** A published vector file of this folder, parsed. */
export function readVectors(name: string) {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}
