import type { RedactionRule } from './rule.ts';

/** Blobs of base64 from this many characters on are told by their size. */
const MIN_LENGTH = 512;
const BLOB = new RegExp(
  `(?:[A-Za-z0-9+/_-]|(?<=[A-Za-z0-9+/])(?:\\r?\\n|\\\\n)(?=[A-Za-z0-9+/]{40})){${MIN_LENGTH},}={0,2}`,
  'g',
);

/** Base64 has both cases and digits in a share that paths, words and hex digests have not. */
function isBase64(value: string): boolean {
  const sample = value.slice(0, 512);
  const upper = sample.match(/[A-Z]/g)?.length ?? 0;
  const lower = sample.match(/[a-z]/g)?.length ?? 0;
  const digits = sample.match(/\d/g)?.length ?? 0;
  return upper >= 64 && lower >= 64 && digits >= 16;
}

export const BULK_RULES: readonly RedactionRule[] = [
  {
    name: 'base64',
    kind: 'bulk',
    where: 'anywhere',
    anchors: [],
    source: `v1 ${BLOB.source}`,
    pattern: BLOB,
    accept: isBase64,
  },
];
