// An agent that records itself. It needs no network and no model: the "model" below follows a script.
//
//   npm run build && node examples/recorder-agent/agent.js && node dist/cli.cjs show
import { setTimeout as wait } from 'node:timers/promises';
import { openRecorder } from 'agent-strace';

const recorder = openRecorder({
  agent: 'release-notes-agent',
  agentVersion: '1.4.0',
  db: process.env.AGENT_STRACE_DB,
  onProblem: (problem) => console.error('not everything is recorded:', problem),
});

const COMMITS = ['Fix rounding in the checkout', 'Add dark mode', 'Bump dependencies'];
const TEMPLATE = {
  name: 'release-notes',
  version: '3',
  template: 'Write release notes for {commits}. Mention only what people notice.',
};

/** What the model says, in order. */
const SCRIPT = [
  { stopReason: 'tool_use', call: { id: 'call_1', name: 'git_log', input: { since: 'v1.3.0' } } },
  { stopReason: 'tool_use', call: { id: 'call_2', name: 'publish', input: { channel: 'blog' } } },
  { stopReason: 'end_turn', text: 'New: dark mode. Fixed: totals in the checkout.' },
];

/** Stands for a request to a provider; a real one sends `traceparent` as a header. */
async function askModel(step, traceparent) {
  await wait(20);
  return {
    ...SCRIPT[step],
    model: 'example-model-2026-01',
    id: `resp_${step}`,
    usage: { input: 900 + step * 120, output: 60 },
    traceparent,
  };
}

const TOOLS = {
  async git_log() {
    await wait(10);
    return COMMITS;
  },
  /** A tool may call models and tools itself: they are recorded as its children. */
  async publish({ channel }, session) {
    const style = await session.retrieval(
      { query: `style of ${channel}`, dataSource: 'style-guide', topK: 3 },
      async () => ['short', 'friendly'],
    );
    session.permission({
      decision: 'deny',
      source: 'user',
      tool: 'publish',
      callId: 'call_2',
      reason: 'only a draft',
      waitMillis: 40,
    });
    throw Object.assign(
      new Error(`not published in a ${style.join(', ')} style: permission denied`),
      { name: 'PermissionError' },
    );
  },
};

async function runTool(session, { id, name, input }) {
  return session.toolCall({ name, callId: id, input }, async (call) => {
    // A request to another service would carry this, and its spans would be children of this call.
    const headers = { traceparent: call.traceparent };
    return TOOLS[name](input, session, headers);
  });
}

const session = recorder.startSession({ title: 'Release notes for 1.4.0', userId: 'docs-team' });
session.prompt('Write the release notes for 1.4.0', { template: TEMPLATE });
for (let step = 0; step < SCRIPT.length; step++) {
  const answer = await session.llmCall(
    {
      model: 'example-model',
      provider: 'example',
      maxTokens: 1024,
      temperature: 0.2,
      template: TEMPLATE,
    },
    async (call) => {
      const reply = await askModel(step, call.traceparent);
      call.result({
        model: reply.model,
        responseId: reply.id,
        stopReason: reply.stopReason,
        usage: reply.usage,
        costUsd: 0.0021,
        text: reply.text,
      });
      return reply;
    },
  );
  if (answer.call === undefined) break;
  try {
    await runTool(session, answer.call);
  } catch (error) {
    session.decision({
      choice: 'leave it as a draft',
      alternatives: ['ask again'],
      reason: error.message,
    });
  }
}
session.end('success');
recorder.close();
console.log(session.id);
