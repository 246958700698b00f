/** Permanent id of the product whose recordings these are. */
export const PRODUCT = 'claude-code';
