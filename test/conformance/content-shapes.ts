type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members a part of this type has to have, and the type of each where it is fixed. */
const PARTS: Readonly<Record<string, Readonly<Record<string, 'string' | 'object' | 'any'>>>> = {
  text: { content: 'string' },
  reasoning: { content: 'string' },
  tool_call: { name: 'string' },
  tool_call_response: { response: 'any' },
  server_tool_call: { name: 'string', server_tool_call: 'object' },
  server_tool_call_response: { server_tool_call_response: 'object' },
  compaction: {},
  blob: { modality: 'string', content: 'string' },
  uri: { modality: 'string', uri: 'string' },
  file: { modality: 'string', file_id: 'string' },
};

function partProblem(part: unknown): string | undefined {
  if (!isObject(part) || typeof part.type !== 'string') return 'a part needs a type';
  for (const [member, type] of Object.entries(PARTS[part.type] ?? {})) {
    const value = part[member];
    if (value === undefined) return `a ${part.type} part needs ${member}`;
    if (type === 'string' && typeof value !== 'string')
      return `${member} of a ${part.type} part must be text`;
    if (type === 'object' && !isObject(value))
      return `${member} of a ${part.type} part must be an object`;
  }
  if (part.id !== undefined && part.id !== null && typeof part.id !== 'string')
    return 'the id of a part must be text';
  return undefined;
}

function partsProblem(parts: unknown): string | undefined {
  if (!Array.isArray(parts)) return 'parts must be an array';
  return parts.map(partProblem).find((problem) => problem !== undefined);
}

function messagesProblem(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return 'it must be an array of messages';
  for (const message of messages) {
    if (!isObject(message) || typeof message.role !== 'string') return 'a message needs a role';
    const problem = partsProblem(message.parts);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const objectProblem = (value: unknown) =>
  isObject(value) ? undefined : 'it must be a JSON object';

const SHAPES: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  'gen_ai.input.messages': messagesProblem,
  'gen_ai.output.messages': messagesProblem,
  'gen_ai.system_instructions': partsProblem,
  'gen_ai.tool.call.arguments': objectProblem,
  'gen_ai.tool.call.result': objectProblem,
  'gen_ai.tool.definitions': (value) => (Array.isArray(value) ? undefined : 'it must be an array'),
};

/** What is wrong with the shape of a content attribute; undefined when nothing is or it is none. */
export function shapeProblem(key: string, value: unknown): string | undefined {
  const shape = SHAPES[key];
  if (shape === undefined) return undefined;
  if (typeof value !== 'string') return 'it must be a JSON string on a span';
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return 'it does not parse as JSON';
  }
  return shape(parsed);
}
