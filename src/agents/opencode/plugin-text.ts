/** Placeholder for the event's name in the command line. */
export const EVENT = 'NAME_OF_EVENT';

/** Waits for nothing and throws nothing: OpenCode does not notice whether anybody listens. */
const TELLER = `
function teller(directory, parentOf) {
  const parents = new Map();
  const questions = new Map();

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
      if (!parents.has(at)) parents.set(at, await parentOf(at).catch(() => undefined));
      const parent = parents.get(at);
      if (parent === undefined || parent === null) return at;
      at = parent;
    }
    return at;
  }

  function told(event, session, payload) {
    if (typeof session !== 'string') return;
    rootOf(session)
      .then((root) => tell(event, { session, root, ...payload }))
      .catch(() => {});
  }

  return {
    told,
    created(session, parent, title) {
      parents.set(session, parent);
      told('session_created', session, { title });
    },
    asked(question, session, payload) {
      questions.set(question, payload.call);
      told('permission_asked', session, payload);
    },
    replied(question, session, reply) {
      told('permission_replied', session, { call: questions.get(question), reply });
      questions.delete(question);
    },
  };
}
`;

const SERVER = `
/** OpenCode 1. */
async function server({ client, directory }) {
  const agent = teller(directory, async (id) => (await client.session.get({ path: { id } }))?.data?.parentID);
  return {
    async event({ event }) {
      const about = event.properties ?? {};
      const session = about.sessionID ?? about.info?.id;
      if (event.type === 'session.created') {
        agent.created(about.info?.id, about.info?.parentID, about.info?.title);
      } else if (event.type === 'session.idle' || event.type === 'session.compacted') {
        agent.told(event.type.replace('.', '_'), session, {});
      } else if (event.type === 'session.error') {
        agent.told('session_error', session, { error: about.error });
      } else if (event.type === 'permission.asked' || event.type === 'permission.updated') {
        const call = about.tool?.callID ?? about.callID;
        agent.asked(about.id, session, { call, tool: about.permission ?? about.type, title: about.title });
      } else if (event.type === 'permission.replied') {
        agent.replied(about.requestID ?? about.permissionID, session, about.reply ?? about.response);
      }
    },
    async 'tool.execute.before'(input, output) {
      agent.told('tool_before', input.sessionID, { call: input.callID, tool: input.tool, input: output?.args });
    },
    async 'tool.execute.after'(input, output) {
      const said = output?.output ?? output?.content;
      agent.told('tool_after', input.sessionID, { call: input.callID, tool: input.tool, input: input.args, output: said });
    },
  };
}
`;

const SETUP = `
/** What OpenCode 2 says about a session; it tells the plugin of a folder about the sessions of all folders. */
const EVENTS = {
  'session.created': (agent, about, session) =>
    agent.created(session, about.parentID ?? about.info?.parentID, about.title ?? about.info?.title),
  'session.execution.succeeded': (agent, about, session) => agent.told('session_idle', session, {}),
  'session.execution.failed': (agent, about, session) => agent.told('session_error', session, { error: about.error }),
  'session.execution.interrupted': (agent, about, session) =>
    agent.told('session_interrupted', session, { reason: about.reason }),
  'session.compaction.ended': (agent, about, session) =>
    agent.told('session_compacted', session, { trigger: about.reason }),
  'permission.asked': (agent, about, session) =>
    agent.asked(about.id, session, { call: about.source?.id ?? about.source?.callID, tool: about.action }),
  'permission.replied': (agent, about, session) => agent.replied(about.requestID, session, about.reply),
};

async function listen(ctx, agent, isOurs) {
  for await (const event of ctx.event.subscribe()) {
    const handler = EVENTS[event.type?.replace('.v2.', '.')];
    const about = event.data ?? {};
    const session = about.sessionID ?? about.info?.id;
    if (handler !== undefined && typeof session === 'string' && (await isOurs(session))) handler(agent, about, session);
  }
}

/** OpenCode 2. */
async function setup(ctx) {
  const directory = ctx.location?.directory;
  const get = async (sessionID) => ctx.session.get({ sessionID });
  const agent = teller(directory, async (id) => (await get(id))?.parentID);
  const ours = new Map();
  async function isOurs(session) {
    if (!ours.has(session)) {
      const found = await get(session).catch(() => undefined);
      ours.set(session, found?.location?.directory === directory);
    }
    return ours.get(session);
  }
  listen(ctx, agent, isOurs).catch(() => {});
  try {
    await ctx.tool.hook('execute.before', (event) => {
      agent.told('tool_before', event.sessionID, { call: event.id, tool: event.tool, input: event.input });
    });
    await ctx.tool.hook('execute.after', (event) => {
      const said = event.result?.content ?? event.result?.output ?? event.error?.message;
      agent.told('tool_after', event.sessionID, { call: event.id, tool: event.tool, input: event.input, output: said });
    });
  } catch {}
}
`;

/**
 * The plugin's source after its first line. Versions before 1.18.29 call every export. Later ones take the default
 * export, using `server` in OpenCode 1 and `setup` in OpenCode 2, which refuses a file without it.
 */
export function pluginText(command: string, isOld: boolean): string {
  const start = `import { spawn } from 'node:child_process';\n\nconst COMMAND = ${JSON.stringify(command)};\n`;
  return isOld
    ? `${start}${TELLER}${SERVER}\nexport { server as AgentStrace };\n`
    : `${start}${TELLER}${SERVER}${SETUP}\nexport default { id: 'agent-strace', server, setup };\n`;
}
