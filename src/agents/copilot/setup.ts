import { join } from 'node:path';
import { AgentStraceError } from '../../errors.ts';
import { type AgentSetup, isOurCommand } from '../agent-setup.ts';
import { listOf, objectOf } from '../json-values.ts';
import { placeJson } from '../placed-json.ts';

/** Seconds after which the agent stops waiting for our hook. */
const TIMEOUT_SECONDS = 10;
/** Left out: `permissionRequest` comes for every call, not only if a person is asked, which `notification` reports. */
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
 * A hook file of our own beside others: Copilot CLI reads every JSON file in the folder. It refuses a tool call whose
 * hook fails, so the commands succeed even if our program is missing.
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
  notes: ['Sessions that are already running use the hooks only after a restart.'],
};

/** The file has our name; hooks that somebody else has put into it are not ours to replace. */
function refuseOthers(text: string): void {
  const hooks = objectOf(objectOf(placeJson(text).value)?.hooks) ?? {};
  const others = Object.values(hooks).some((list) =>
    listOf(list).some((hook) => !isOurCommand(objectOf(hook)?.bash)),
  );
  if (others)
    throw new AgentStraceError(
      'unreadable_input',
      'it contains hooks that are not from agent-strace; move them to a file of their own',
    );
}
