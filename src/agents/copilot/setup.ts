import { join } from 'node:path';
import { AgentStraceError } from '../../errors.ts';
import { type AgentSetup, isOurCommand } from '../agent-setup.ts';
import { placeJson } from '../json-text.ts';
import { listOf, objectOf } from '../json-values.ts';

/** Seconds after which the agent goes on without us. */
const TIMEOUT_SECONDS = 10;
/** Left out: `permissionRequest` comes for every call, not only where a person is asked, which `notification` tells. */
const EVENTS = [
  'sessionStart',
  'sessionEnd',
  'userPromptSubmitted',
  'preToolUse',
  'postToolUse',
  'postToolUseFailure',
  'errorOccurred',
  'notification',
  'preCompact',
  'subagentStart',
  'subagentStop',
  'agentStop',
] as const;

/**
 * A hook file of our own beside others: Copilot CLI reads every JSON file of the folder. It refuses a tool call whose
 * hook fails, so that the commands succeed where our program is missing, too.
 */
export const copilotSetup: AgentSetup = {
  file: (scope, { home, env }) =>
    scope.kind === 'project'
      ? join(scope.folder, '.github', 'hooks', 'agent-strace.json')
      : join(env.COPILOT_HOME || join(home, '.copilot'), 'hooks', 'agent-strace.json'),
  install(text, command) {
    if (text !== undefined) refuseOthers(text);
    const hooks = Object.fromEntries(
      EVENTS.map((event) => [
        event,
        [
          {
            type: 'command',
            bash: `${command(event)} || true`,
            powershell: `& ${command(event)}; exit 0`,
            timeoutSec: TIMEOUT_SECONDS,
          },
        ],
      ]),
    );
    return `${JSON.stringify({ version: 1, hooks }, null, 2)}\n`;
  },
  remove(text) {
    refuseOthers(text);
    return undefined;
  },
  notes: ['Sessions that are running take the hooks up when they are started again.'],
};

/** The file bears our name; if somebody has put hooks of their own into it, they are not ours to replace. */
function refuseOthers(text: string): void {
  const hooks = objectOf(objectOf(placeJson(text).value)?.hooks) ?? {};
  const others = Object.values(hooks).some((list) =>
    listOf(list).some((hook) => !isOurCommand(objectOf(hook)?.bash)),
  );
  if (others)
    throw new AgentStraceError(
      'unreadable_input',
      'it holds hooks that are not ours; move them into a file of their own',
    );
}
