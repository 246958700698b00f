/** What the text of a failed call reveals about the reason. */
export interface FailureHint {
  /** An HTTP status of 400 or higher. */
  readonly status?: number | undefined;
  readonly timeout: boolean;
}

/** Number of characters of a text that are examined. */
export const FAILURE_TEXT_CHARACTERS = 4096;

const STATUS =
  /\b(?:HTTP(?:\/[\d.]{1,3})?|status(?: code)?|error(?: code)?|code)\s{0,2}[:=]?\s{0,2}([45]\d\d)\b/i;
const NAMED_STATUS =
  /\b(4\d\d|5\d\d) (?:Unauthorized|Forbidden|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|Not Found|Bad Request)\b/i;
const TIMEOUT =
  /\btimed? ?out\b|\bETIMEDOUT\b|\bESOCKETTIMEDOUT\b|\bdeadline exceeded\b|\btimeout (?:exceeded|expired|after|of)\b/i;

/** Examines the beginning of an error text or a failed output; only for calls that are known to have failed. */
export function failureHint(text: string): FailureHint {
  const beginning = text.slice(0, FAILURE_TEXT_CHARACTERS);
  const found = STATUS.exec(beginning) ?? NAMED_STATUS.exec(beginning);
  return {
    status: found === null ? undefined : Number(found[1]),
    timeout: TIMEOUT.test(beginning),
  };
}
