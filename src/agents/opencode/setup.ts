import { join } from 'node:path';
import { AgentStraceError } from '../../errors.ts';
import { type AgentSetup, isAtLeast } from '../agent-setup.ts';
import { EVENT, pluginText } from './plugin-text.ts';

const MARK = '// Written by "agent-strace setup --agent opencode"; "--remove" takes it away again.';

/** A plugin of our own: OpenCode has no hooks that run commands. */
export const opencodeSetup: AgentSetup = {
  program: 'opencode',
  withoutVersion: 'the plugin is written for OpenCode 1.18.29 and later, 2 too',
  file: (scope, { home, env }) =>
    scope.kind === 'project'
      ? join(scope.folder, '.opencode', 'plugins', 'agent-strace.js')
      : join(
          env.XDG_CONFIG_HOME || join(home, '.config'),
          'opencode',
          'plugins',
          'agent-strace.js',
        ),
  install(text, command, version) {
    if (text !== undefined) refuseOthers(text);
    const isOld = version !== undefined && !isAtLeast(version, '1.18.29');
    return `${MARK}\n${pluginText(command(EVENT), isOld)}`;
  },
  remove(text) {
    refuseOthers(text);
    return undefined;
  },
  notes: ['Sessions that are already running use the plugin only after a restart.'],
};

function refuseOthers(text: string): void {
  if (!text.startsWith(MARK))
    throw new AgentStraceError('unreadable_input', 'it is not the file that setup writes');
}
