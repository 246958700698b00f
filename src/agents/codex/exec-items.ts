import { entryOf, type JsonObject, listOf, objectOf, textOf } from '../json-values.ts';

/** Items that say what is called when they start; a killed run prints nothing else about them. */
const TOLD_AT_START = new Set([
  'command_execution',
  'file_change',
  'mcp_tool_call',
  'collab_tool_call',
]);

const ITEMS: Readonly<Record<string, (item: JsonObject) => JsonObject>> = {
  assistant_message: ({ text }) => ({ type: 'agent_message', text }),
  reasoning: ({ text }) => ({ type: 'reasoning', summary_text: [text] }),
  // The recordings of the threads that it names say themselves whose they are.
  collab_tool_call: ({ tool, prompt, status }) => ({
    type: 'collab_agent_tool_call',
    tool,
    prompt,
    status,
  }),
  web_search: ({ query, action }) => ({
    type: 'web_search',
    query: textOf(query) ?? objectOf(action),
  }),
};

/**
 * The rollout event that corresponds to an item printed as `event` in line `number`; undefined if it says nothing new.
 * `id` names the item across runs.
 */
export function eventOfItem(
  event: string,
  item: JsonObject,
  id: string,
  number: number,
): JsonObject | undefined {
  const type = textOf(item.type) ?? textOf(item.item_type) ?? '';
  const isOver = event === 'item.completed';
  if (type === 'todo_list') return isOver ? undefined : planUpdate(item, `${id}/${number}`);
  if (!isOver && !(event === 'item.started' && TOLD_AT_START.has(type))) return undefined;
  if (type === 'error') return { type: 'warning', message: item.message };
  const read = entryOf(ITEMS, type);
  return { type: 'item_completed', item: { ...(read?.(item) ?? { ...item, type }), id } };
}

/** The list is printed under one id at each call that changes it, and again when its turn ends. */
function planUpdate(item: JsonObject, id: string): JsonObject {
  const call = { tool: 'update_plan', arguments: { plan: listOf(item.items) } };
  return { type: 'item_completed', item: { type: 'dynamic_tool_call', id, ...call } };
}
