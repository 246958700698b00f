import { strictBase64 } from '../integrity/strict-base64.ts';
import { readTimeToken } from '../integrity/time-token.ts';

export type TokenCheck =
  | { readonly state: 'mismatch'; readonly reason: string }
  /** `trusted`: signed by a pinned authority. `claimed`: the text matches, but the signature was not verified. */
  | { readonly state: 'trusted' | 'claimed'; readonly time: string };

/** Checks an RFC 3161 token (base64 of the response or of the token) against the text it should cover. */
export function checkTimeToken(
  base64: string,
  text: string,
  authorities: readonly Uint8Array[],
): TokenCheck {
  const bytes = strictBase64(base64);
  const token = bytes && readTimeToken(bytes);
  if (token === undefined)
    return { state: 'mismatch', reason: 'a time-stamp token cannot be read' };
  if (!token.covers(Buffer.from(text))) {
    return { state: 'mismatch', reason: 'a time-stamp token covers something else' };
  }
  const trusted = authorities.some((authority) => token.isSignedBy(authority));
  return { state: trusted ? 'trusted' : 'claimed', time: token.time };
}
