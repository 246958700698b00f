import type { Facts } from '../../session/event.ts';
import type { Fact } from './fact.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';

/** Opens a turn; nothing where the line belongs to the turn that is open already. */
export function openTurn(
  line: Line,
  memory: Memory,
  promptId: string | undefined,
  facts: Facts,
): Fact[] {
  if (promptId !== undefined && memory.turn?.promptId === promptId) return [];
  const key = `turn:${promptId ?? lineId(line)}`;
  memory.turn = { key, promptId, callBefore: memory.lane('').call };
  return [
    {
      kind: 'turn_start',
      eventId: `${lineId(line)}/turn`,
      key,
      facts: { prompt_id: promptId, ...facts },
    },
  ];
}

/** Ends the open turn. The first outcome stays, and a turn whose last call failed is not completed by its closing line. */
export function endTurn(line: Line, memory: Memory, outcome: string, facts: Facts = {}): Fact[] {
  const turn = memory.turn;
  if (turn === undefined) return [];
  turn.ended ??= outcome === 'completed' && turn.failed === true ? 'error' : outcome;
  turn.endedMicros ??= line.atMicros;
  const eventId = `${lineId(line)}/turn-end`;
  return [{ kind: 'turn_end', eventId, key: turn.key, facts: { outcome: turn.ended, ...facts } }];
}

/** Key of what a call or a result hangs under: its subagent, else the open turn, else the session. */
export function parentKeyOf(line: Line, memory: Memory): string | undefined {
  return line.lane === '' ? memory.turn?.key : `agent:${line.lane}`;
}

/** The same for what may happen between turns: a turn that is over takes nothing more in. */
export function openParentOf(line: Line, memory: Memory): string | undefined {
  return line.lane === '' && (memory.turn?.ended !== undefined || isAnswered(memory))
    ? undefined
    : parentKeyOf(line, memory);
}

/** The model spoke in this turn and waits for nothing: where no line tells of the turn's end, this is it. */
export function isAnswered(memory: Memory): boolean {
  const { turn } = memory;
  const { call, inputs } = memory.lane('');
  if (turn === undefined || call === turn.callBefore || inputs.length > 0) return false;
  return [...memory.tools.values()].every((tool) => tool.parent !== turn.key);
}
