import { AgentStraceError } from '../../errors.ts';
import type { Destination } from '../../exporters/destination.ts';
import type { CommandContext } from '../command.ts';

const USUAL_MILLIS = 10_000;

/**
 * Timeout of one request in milliseconds: `--request-timeout`, else the destination's own setting, else ten seconds.
 * Throws `usage` for 0.
 */
export function requestTimeoutMillis(context: CommandContext, destination: Destination): number {
  const asked = context.options['requestTimeout'] as number | undefined;
  if (asked === 0)
    throw new AgentStraceError('usage', '--request-timeout 0: it must be longer than 0');
  return asked ?? destination.requestTimeoutMillis ?? USUAL_MILLIS;
}
