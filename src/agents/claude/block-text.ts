import { type JsonObject, listOf, objectOf, textOf } from '../json-values.ts';

/** Placeholder for a piece of media: its type and its size in bytes, never its data. */
export function mediaPlaceholder(block: JsonObject): string | undefined {
  const source = objectOf(block.source);
  if (block.type !== 'image' && block.type !== 'document') return undefined;
  const media = textOf(source?.media_type) ?? String(block.type);
  const data = source?.data;
  if (typeof data !== 'string') return `[${media.slice(0, 80)}]`;
  return `[${media.slice(0, 80)} ${base64Bytes(data)} bytes]`;
}

function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((data.length * 3) / 4) - padding);
}

/** The output of a tool as one text: strings as they are, text blocks joined by newlines, else JSON. */
export function resultText(content: unknown): {
  text: string;
  media: 'text/plain' | 'application/json';
} {
  if (typeof content === 'string') return { text: content, media: 'text/plain' };
  if (content === undefined || content === null) return { text: '', media: 'text/plain' };
  const blocks = listOf(content).map(objectOf);
  const parts = blocks.map((block) => (block === undefined ? undefined : plainPart(block)));
  if (Array.isArray(content) && parts.every((part) => part !== undefined)) {
    return { text: parts.join('\n'), media: 'text/plain' };
  }
  const safe = Array.isArray(content)
    ? content.map((block, index) => withoutMedia(block, blocks[index]))
    : content;
  return { text: JSON.stringify(safe), media: 'application/json' };
}

function plainPart(block: JsonObject): string | undefined {
  const text = block.text;
  if (block.type === 'text' && typeof text === 'string') return text;
  return mediaPlaceholder(block);
}

function withoutMedia(block: unknown, record: JsonObject | undefined): unknown {
  return (record === undefined ? undefined : mediaPlaceholder(record)) ?? block;
}

/** A typed prompt as one text, from a string or from the texts and media of a list of blocks. */
export function promptText(prompt: unknown): string {
  if (typeof prompt === 'string') return prompt;
  const blocks: readonly JsonObject[] = listOf(prompt).map((block) => objectOf(block) ?? {});
  const texts = blocks.map((block) => textOf(block.text) ?? mediaPlaceholder(block));
  return texts.filter((part) => part !== undefined).join('\n');
}
