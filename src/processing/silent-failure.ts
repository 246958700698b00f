/** An anchored pattern for the first non-empty line of a successful call's output that indicates a failure. */
export interface SilentFailurePattern {
  readonly name: string;
  readonly description: string;
  readonly pattern: RegExp;
}

/** The documented heuristic. Anchored at the beginning of the line, so that text about errors does not count. */
export const SILENT_FAILURE_PATTERNS: readonly SilentFailurePattern[] = [
  {
    name: 'error_prefix',
    description:
      'The line begins with `Error:`, `Fatal:`, `Failed:`, `Failure:`, `Exception:` or the same with an error name before the colon (`TypeError: …`).',
    pattern:
      /^(?:\[?(?:error|fatal|failed|failure|exception)\]?:|[A-Z][A-Za-z]{2,40}(?:Error|Exception): )/i,
  },
  {
    name: 'error_tag',
    description: 'The line begins with an error tag: `<error>`, `<tool_use_error>`.',
    pattern: /^<(?:tool_use_)?error>/i,
  },
  {
    name: 'refused',
    description:
      "The agent says that the call was refused: `The user doesn't want to proceed with this tool use`, `Permission to use … has been denied`.",
    pattern:
      /^(?:The user doesn't want to (?:proceed with this tool use|take this action right now)|The user rejected this tool use|Permission to use [^\n]{1,200} has been denied|Permission for this (?:tool use|command|action) (?:was|has been) denied)/,
  },
  {
    name: 'could_not',
    description: 'The line begins with `Failed to …`, `Unable to …`, `Could not …` or `Cannot …`.',
    pattern: /^(?:failed to|unable to|could not|couldn't|cannot|can't) [a-z]/i,
  },
  {
    name: 'traceback',
    description:
      'The line begins a stack trace: `Traceback (most recent call last)`, `panic:`, `Unhandled exception`.',
    pattern:
      /^(?:Traceback \(most recent call last\)|panic: |Unhandled (?:exception|rejection)|Uncaught )/i,
  },
  {
    name: 'shell',
    description:
      'A shell or program says it could not run: `command not found`, `No such file or directory`, `Permission denied`.',
    pattern:
      /^[^\s:][^:\n]{0,120}:(?: [^:\n]{1,120}:){0,2} (?:command not found|not found|no such file or directory|permission denied|is a directory|not a directory|cannot access|connection refused|operation not permitted)/i,
  },
  {
    name: 'http_status',
    description:
      'The line begins with a failed HTTP status: `HTTP 404`, `HTTP/1.1 500`, `Request failed with status code 403`, `403 Forbidden`.',
    pattern:
      /^(?:HTTP(?:\/[\d.]{1,3})? (?:4|5)\d\d\b|(?:request|fetch) failed with status(?: code)? (?:4|5)\d\d\b|(?:400 Bad Request|401 Unauthorized|403 Forbidden|404 Not Found|429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out))/i,
  },
  {
    name: 'network',
    description:
      'The line begins with a network error code: `ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, `curl: (6)`.',
    pattern:
      /^(?:connect |getaddrinfo |request to )?(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)\b|^curl: \(\d{1,3}\) /,
  },
  {
    name: 'timed_out',
    description: 'The line says that the command timed out.',
    pattern: /^(?:command |operation |request |tool )?timed out\b|^timeout(?: exceeded|:| after)/i,
  },
  {
    name: 'compiler_error',
    description:
      'The line begins with a numbered error of a compiler: `error[E0308]: …`, `error TS2304: …`.',
    pattern: /^error(?:\[[A-Z]\d{1,5}\]| [A-Z]{1,4}\d{1,5}): /,
  },
  {
    name: 'json_error',
    description:
      'JSON output whose first key says so: `{"error": …}`, `{"isError": true`, `{"success": false`, `{"ok": false`.',
    pattern:
      /^\{\s{0,4}"(?:error"\s{0,4}:\s{0,4}(?!null|false|""|\{\}|\[\])|is_?error"\s{0,4}:\s{0,4}true|success"\s{0,4}:\s{0,4}false|ok"\s{0,4}:\s{0,4}false)/i,
  },
];

/** What search tools print if they find nothing. */
const NOTHING_FOUND =
  /^(?:no (?:files|matches|results|match|search results)\b[^\n]{0,40}|found 0 (?:files|matches|results)\b.*|0 (?:files|matches|results)\b.*|\[\]|null)$/i;

const TEXT_SHOWERS =
  /^(?:read|view|cat|open|notebookread|read_?file|read_?many_?files|readfile|view_?file|str_replace_based_edit_tool|fetch|webfetch|web_?fetch|task|agent)$/i;
const SEARCH_TOOLS =
  /^(?:grep|glob|websearch|web_?search|search|search_?files?|grep_?search|glob_?search|search_?file_?content|file_?search|find|ripgrep|codebase_?search|list_?files|toolsearch)$/i;

/** Number of characters of an output that suffice: they contain the first non-empty line. */
export const FIRST_LINE_CHARACTERS = 4096;

/** Number of characters that are read first, because they nearly always contain the whole line. */
export const FIRST_LOOK_CHARACTERS = 512;

const LONGEST_LINE = 400;

/** Whether the result would stay the same if more of an output with this beginning were read. */
export function holdsFirstLine(beginning: string): boolean {
  const start = beginning.search(/\S/);
  if (start < 0 || beginning[start] === '{' || beginning[start] === '[') return false;
  return beginning.length - start > LONGEST_LINE || beginning.includes('\n', start);
}

/** Tools whose output is somebody's text (a file, a page, an agent's answer): no conclusions are drawn from it. */
export function showsText(tool: string): boolean {
  return TEXT_SHOWERS.test(tool);
}

/** Name of the pattern by which a successful call failed; undefined if none matches. */
export function silentFailureOf(tool: string, output: string | undefined): string | undefined {
  if (showsText(tool)) return undefined;
  const line = firstLine(output ?? '');
  if (SEARCH_TOOLS.test(tool)) {
    // What it found are lines of files, from which no conclusions are drawn.
    return line === '' || NOTHING_FOUND.test(line) ? 'nothing_found' : undefined;
  }
  for (const candidate of SILENT_FAILURE_PATTERNS) {
    if (candidate.pattern.test(line)) return candidate.name;
  }
  return undefined;
}

/** The first non-empty line, trimmed and at most 400 characters; for JSON text blocks, of their first text. */
function firstLine(output: string): string {
  const block =
    /^\s{0,16}(?:\{\s{0,4}"content"\s{0,4}:\s{0,4})?\[\s{0,8}\{\s{0,8}"type"\s{0,4}:\s{0,4}"text"\s{0,4},\s{0,8}"text"\s{0,4}:\s{0,4}"((?:[^"\\]|\\[^u])*)/.exec(
      output,
    );
  const text =
    block?.[1] === undefined
      ? output
      : block[1].replace(/\\[nr]/g, '\n').replace(/\\(["\\/])/g, '$1');
  const start = text.search(/\S/);
  if (start < 0) return '';
  const end = text.indexOf('\n', start);
  return text.slice(start, Math.min(end < 0 ? text.length : end, start + LONGEST_LINE)).trim();
}
