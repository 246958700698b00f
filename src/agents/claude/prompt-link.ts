import { dirname, join } from 'node:path';
import type { SourceContext } from '../agent.ts';
import { asId, asList, asRecord, asText, type JsonRecord } from './json-value.ts';
import { type Line, microsOf } from './line.ts';

const SUBAGENT_FOLDER = /[/\\]subagents([/\\]|$)/;
/** A member of a team gets its prompt as a message of the team's lead. */
const TEAMMATE = /^<teammate-message [^>]{0,1000}>\n?([\s\S]*?)\n?<\/teammate-message>$/;

/**
 * The tool call that gave a subagent the prompt it begins with, looked up in its session's file. The last
 * link to try: where the file beside the subagent says nothing and its call never got a result. The newest
 * call that is not younger than the subagent wins.
 */
export function callByPrompt(line: Line, context: SourceContext): string | undefined {
  const said = asText(asRecord(line.record.message)?.content);
  if (said === undefined) return undefined;
  const prompt = TEAMMATE.exec(said)?.[1] ?? said;
  const main = context.sidecars.read(mainFile(context));
  const written = JSON.stringify(prompt);
  let found: string | undefined;
  for (const row of main?.split('\n') ?? []) {
    if (row.includes(written)) found = callIn(row, prompt, line.atMicros) ?? found;
  }
  return found;
}

function mainFile(context: SourceContext): string {
  const folder = dirname(context.path);
  if (SUBAGENT_FOLDER.test(folder)) return `${dirname(folder)}.jsonl`;
  return join(folder, `${context.detection.session ?? ''}.jsonl`);
}

function callIn(row: string, prompt: string, latestMicros: number): string | undefined {
  let record: JsonRecord | undefined;
  try {
    record = asRecord(JSON.parse(row));
  } catch {
    return undefined; // the last line of a live file
  }
  if (record === undefined || (microsOf(record.timestamp) ?? 0) > latestMicros) return undefined;
  const blocks = asList(asRecord(record.message)?.content).map(asRecord);
  const call = blocks.find(
    (block) => block?.type === 'tool_use' && asRecord(block.input)?.prompt === prompt,
  );
  return asId(call?.id);
}
