import { dirname, join } from 'node:path';
import type { SourceContext } from '../agent.ts';
import { linkDraft, originOf } from '../drafts.ts';
import { type JsonObject, labelOf, listOf, objectOf, parsedJson, textOf } from '../json-values.ts';
import { messageIn } from './agent-messages.ts';
import { FULL_NAME } from './detection.ts';
import type { Scene } from './scene.ts';
import type { OpenCall } from './state.ts';

const INVOKE = 'invoke_subagent';
const MAX_AGENTS = 50;
const MAX_DEPTH = 8;
const MAX_BYTES = 16 * 1024 * 1024;
const CONVERSATION = /^[0-9a-f-]{16,100}$/i;
const CREATED = /"conversationId":\s*"([0-9a-f-]{16,100})"/gi;

/** A conversation that starts with a message from another one is a subagent of that one. */
export function placeSubagent({ state: now, step }: Scene, context: SourceContext): void {
  now.parent = senderOf(step, now.session);
  now.root = now.parent;
  for (let depth = 0; now.root !== undefined && depth < MAX_DEPTH; depth++) {
    const above = senderOf(firstStep(context, now.root), now.root);
    if (above === undefined || above === now.session) return;
    now.root = above;
  }
}

function senderOf(step: JsonObject | undefined, session: string): string | undefined {
  if (step?.type !== 'SYSTEM_MESSAGE') return undefined;
  const sender = messageIn(textOf(step.content) ?? '')?.sender;
  return sender !== session && CONVERSATION.test(sender ?? '') ? sender : undefined;
}

function firstStep({ path, sidecars }: SourceContext, session: string): JsonObject | undefined {
  const brain = dirname(dirname(dirname(dirname(path))));
  const text = sidecars.read(
    join(brain, session, '.system_generated', 'logs', FULL_NAME),
    MAX_BYTES,
  );
  return objectOf(parsedJson(text?.split('\n', 1)[0] ?? ''));
}

/** The types of the agents that a call starts. */
export function agentsIn(name: string, input: JsonObject | undefined): OpenCall['agents'] {
  if (name !== INVOKE) return undefined;
  const agents = listOf(input?.Subagents).slice(0, MAX_AGENTS).map(objectOf);
  return agents.map((agent) => labelOf(agent?.TypeName, 200) ?? labelOf(agent?.Role, 200));
}

/** States, in the subagents' own conversations, which call started them: its result names them in order. */
export function linkSubagents(scene: Scene, call: OpenCall): void {
  const { state: now, step, out } = scene;
  if (call.name !== INVOKE) return;
  const created = [...(textOf(step.content) ?? '').matchAll(CREATED)].slice(0, MAX_AGENTS);
  for (const [at, [, id = '']] of created.entries()) {
    if (id === now.session) continue;
    const agent_type = created.length === call.agents?.length ? call.agents[at] : undefined;
    out.push(linkDraft(originOf(now), call.key, id, scene, { agent_type }));
  }
}
