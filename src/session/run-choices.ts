/**
 * Which text is sent or shown. `none`: sizes and commitments instead of text. `redacted`: text after redaction. `full`:
 * text verbatim.
 */
export type ContentPolicy = 'none' | 'redacted' | 'full';

/** How to treat a tool call that reported success while its text shows a failure; `error` makes it an error. */
export type SilentFailures = 'mark' | 'error' | 'off';
