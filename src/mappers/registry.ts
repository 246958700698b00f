import { langfuse } from './langfuse.ts';
import type { Mapper } from './mapper.ts';
import { otlp } from './otlp.ts';
import { otlpGenai } from './otlp-genai.ts';

/** Every built-in vocabulary, in the order of help. A new one needs a file and a line here. */
export const MAPPERS: readonly Mapper[] = [otlpGenai, otlp, langfuse];

/** The built-in vocabulary of that name, or undefined. */
export function findMapper(name: string): Mapper | undefined {
  return MAPPERS.find((mapper) => mapper.name === name);
}
