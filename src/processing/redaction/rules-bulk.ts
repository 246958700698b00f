import type { RedactionRule } from './rule.ts';

/** Runs of base64 from this many characters on are told by their size. */
const MIN_LENGTH = 512;

/** Base64 has both cases and digits in a share that paths, words and hex digests have not. */
function isBase64(value: string): boolean {
  const sample = value.slice(0, 512);
  const upper = sample.match(/[A-Z]/g)?.length ?? 0;
  const lower = sample.match(/[a-z]/g)?.length ?? 0;
  const digits = sample.match(/\d/g)?.length ?? 0;
  return upper >= 16 && lower >= 16 && digits >= 8;
}

export const BULK_RULES: readonly RedactionRule[] = [
  {
    name: 'base64',
    kind: 'bulk',
    anchors: [],
    source: `v1 ${MIN_LENGTH}`,
    scan: new RegExp(`(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{${MIN_LENGTH},}={0,2}`, 'g'),
    accept: isBase64,
  },
];
