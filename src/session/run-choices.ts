/** Which text leaves. `none`: sizes and commitments instead of text. `redacted`: text after redaction. `full`: text verbatim. */
export type ContentPolicy = 'none' | 'redacted' | 'full';

/** What becomes of a tool call that reported success while its text shows a failure; `error` makes it one. */
export type SilentFailures = 'mark' | 'error' | 'off';
