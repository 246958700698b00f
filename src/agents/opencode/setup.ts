import { join } from 'node:path';
import { AgentStraceError } from '../../errors.ts';
import type { AgentSetup } from '../agent-setup.ts';

/** Stands in the command line for the event's name. */
const EVENT = 'NAME_OF_EVENT';
const MARK = '// Written by "agent-strace setup --agent opencode"; "--remove" takes it away again.';

/** A plugin of our own: OpenCode has no hooks that run commands. */
export const opencodeSetup: AgentSetup = {
  file: (scope, { home, env }) =>
    scope.kind === 'project'
      ? join(scope.folder, '.opencode', 'plugins', 'agent-strace.js')
      : join(
          env.XDG_CONFIG_HOME || join(home, '.config'),
          'opencode',
          'plugins',
          'agent-strace.js',
        ),
  install(text, command) {
    if (text !== undefined) refuseOthers(text);
    return pluginText(command(EVENT));
  },
  remove(text) {
    refuseOthers(text);
    return undefined;
  },
  notes: ['Sessions that are running take the plugin up when they are started again.'],
};

function refuseOthers(text: string): void {
  if (!text.startsWith(MARK))
    throw new AgentStraceError('unreadable_input', 'it is not the file that setup writes');
}

/** Nothing is waited for and nothing is thrown: OpenCode does not notice whether anybody listens. */
function pluginText(command: string): string {
  return `${MARK}
import { spawn } from 'node:child_process';

const COMMAND = ${JSON.stringify(command)};

export const AgentStrace = async ({ client, directory }) => {
  const parents = new Map();
  const asked = new Map();

  function tell(event, payload) {
    try {
      const hook = spawn(COMMAND.replace('${EVENT}', event), { shell: true, stdio: ['pipe', 'ignore', 'ignore'] });
      hook.on('error', () => {});
      hook.stdin.on('error', () => {});
      hook.stdin.end(JSON.stringify({ cwd: directory, ...payload }));
    } catch {}
  }

  /** A subagent's session belongs to the trace of the session that started it. */
  async function rootOf(session) {
    let at = session;
    for (let depth = 0; depth < 16; depth++) {
      if (!parents.has(at)) {
        const found = await client.session.get({ path: { id: at } }).catch(() => undefined);
        parents.set(at, found?.data?.parentID);
      }
      const parent = parents.get(at);
      if (parent === undefined) return at;
      at = parent;
    }
    return at;
  }

  async function find(event, session, payload) {
    if (typeof session === 'string') tell(event, { session, root: await rootOf(session), ...payload });
  }

  function told(event, session, payload) {
    find(event, session, payload).catch(() => {});
  }

  return {
    async event({ event }) {
      const about = event.properties ?? {};
      const session = about.sessionID ?? about.info?.id;
      if (event.type === 'session.created') {
        parents.set(about.info?.id, about.info?.parentID);
        told('session_created', about.info?.id, { title: about.info?.title });
      } else if (event.type === 'session.idle' || event.type === 'session.compacted') {
        told(event.type.replace('.', '_'), session, {});
      } else if (event.type === 'session.error') {
        told('session_error', session, { error: about.error });
      } else if (event.type === 'permission.asked' || event.type === 'permission.updated') {
        const call = about.tool?.callID ?? about.callID;
        asked.set(about.id, call);
        told('permission_asked', session, { call, tool: about.permission ?? about.type, title: about.title });
      } else if (event.type === 'permission.replied') {
        const question = about.requestID ?? about.permissionID;
        told('permission_replied', session, { call: asked.get(question), reply: about.reply ?? about.response });
        asked.delete(question);
      }
    },
    async 'tool.execute.before'(input, output) {
      told('tool_before', input.sessionID, { call: input.callID, tool: input.tool, input: output?.args });
    },
    async 'tool.execute.after'(input, output) {
      told('tool_after', input.sessionID, { call: input.callID, tool: input.tool, input: input.args, output: output?.output ?? output?.content });
    },
  };
};
`;
}
