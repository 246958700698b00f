/* Made-up transcript lines, in the shape that Claude Code writes. */

export const SESSION = '0b6f3f52-97d4-4c5e-8a52-1f1d2c3b4a59';
export const FILE = `/home/dev/.claude/projects/-home-dev-shop/${SESSION}.jsonl`;

type Extra = Record<string, unknown>;

/** A time of the made-up day, from seconds after ten o'clock. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 8, 14, 10, 0, 0) + seconds * 1000).toISOString();
}

export function line(type: string, seconds: number, extra: Extra = {}): Extra {
  return {
    parentUuid: null,
    isSidechain: false,
    sessionId: SESSION,
    cwd: '/home/dev/shop',
    gitBranch: 'main',
    version: '2.1.270',
    type,
    uuid: `line-${type}-${seconds}`,
    timestamp: at(seconds),
    ...extra,
  };
}

export function user(seconds: number, content: unknown, extra: Extra = {}): Extra {
  return line('user', seconds, { message: { role: 'user', content }, ...extra });
}

export function assistant(
  seconds: number,
  block: Extra,
  message: Extra = {},
  extra: Extra = {},
): Extra {
  const usage = { input_tokens: 5, output_tokens: 7 };
  const whole = {
    id: `msg_${seconds}`,
    role: 'assistant',
    model: 'claude-opus-4-6',
    content: [block],
    stop_reason: 'end_turn',
    usage,
    ...message,
  };
  return line('assistant', seconds, { message: whole, requestId: 'req_1', ...extra });
}

export function said(text: string): Extra {
  return { type: 'text', text };
}

export function call(id: string, name = 'Bash', input: unknown = { command: 'ls' }): Extra {
  return { type: 'tool_use', id, name, input };
}

export function result(
  seconds: number,
  id: string,
  content: unknown,
  isError?: boolean,
  extra: Extra = {},
): Extra {
  const flag = isError === undefined ? {} : { is_error: isError };
  return user(seconds, [{ type: 'tool_result', tool_use_id: id, content, ...flag }], extra);
}
