import { AgentStraceError } from '../../errors.ts';
import type { Destination } from '../../exporters/destination.ts';
import type { CommandContext } from '../command.ts';

const USUAL_MILLIS = 10_000;

/**
 * Longest time for one request in milliseconds: `--request-timeout`, else what the destination's own settings say, else
 * ten seconds. Throws `usage` for 0, within which no request could be answered.
 */
export function requestTimeoutMillis(context: CommandContext, destination: Destination): number {
  const asked = context.options['requestTimeout'] as number | undefined;
  if (asked === 0)
    throw new AgentStraceError('usage', '--request-timeout 0: no request is answered in no time');
  return asked ?? destination.requestTimeoutMillis ?? USUAL_MILLIS;
}
