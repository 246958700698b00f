import type { Verdict } from '../agent.ts';
import { userTextOf } from '../claude-prompt-text.ts';
import { jsonContent, plainContent } from '../drafts.ts';
import { keyOf, rememberKind } from './pairing.ts';
import { parentOf, type Scene, state } from './scene.ts';
import { firstOf, productOf, promptFacts } from './values.ts';

/** A prompt, or text that Claude Code's client wrote as the user. */
export function readPrompt(scene: Scene): Verdict {
  const recorded = firstOf(scene.record.data, 'prompt', 'text', 'content');
  if (typeof recorded !== 'string' || !isClaudeCode(scene)) return readGiven(scene, recorded);
  const said = userTextOf(recorded);
  switch (said.is) {
    case 'typed':
      return readGiven(scene, said.text);
    case 'command':
      return readGiven(scene, said.text, 'slash_command');
    case 'notification':
      return readGiven(scene, said.text, 'task-notification');
    case 'local':
      return readLocalCommand(scene, said.text);
    case 'interrupt':
      return readInterrupt(scene);
    case 'scaffold':
      rememberKind(scene.state, scene.record.id, 'other');
      return 'ignored';
  }
}

function isClaudeCode({ state: { agent }, meta }: Scene): boolean {
  return productOf(agent ?? meta.agentName) === 'claude-code';
}

/** A prompt, and the turn that it opens. */
function readGiven(scene: Scene, text: unknown, origin?: string): Verdict {
  const { data, id } = scene.record;
  rememberKind(scene.state, id, 'prompt');
  scene.state.turn = id;
  state(scene, 'turn_start', `turn:${id}`, { prompt_id: id });
  const facts = promptFacts(data);
  state(
    scene,
    'prompt',
    keyOf(id),
    { ...facts, origin: facts.origin ?? origin },
    { parentKey: `turn:${id}`, contents: [jsonContent('text', text)] },
  );
  return 'parsed';
}

/** A command that never reached the model. */
function readLocalCommand(scene: Scene, text: string): Verdict {
  const { id } = scene.record;
  rememberKind(scene.state, id, 'other');
  state(
    scene,
    'notice',
    keyOf(id),
    { name: 'local_command', level: 'info' },
    { parentKey: parentOf(scene), contents: [plainContent('text', text)] },
  );
  return 'parsed';
}

/** A person stopped the agent, which ends the turn. */
function readInterrupt(scene: Scene): Verdict {
  const { turn } = scene.state;
  rememberKind(scene.state, scene.record.id, 'other');
  if (turn !== undefined) state(scene, 'turn_end', `turn:${turn}`, { outcome: 'interrupted' });
  return 'parsed';
}
