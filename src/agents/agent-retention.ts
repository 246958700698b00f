import type { Places } from './places.ts';

/** What becomes of an agent's own recordings; empty where it never deletes any by itself. */
export interface Retention {
  /** Days after which it deletes them. */
  readonly days?: number;
  /** How many it keeps. */
  readonly count?: number;
  /** The setting by which it writes none. */
  readonly off?: string;
}

/** How long an agent keeps its recordings. Text in, facts out; files are the command's business. */
export interface AgentRetention {
  /** The settings that decide; absent where nothing can be set. */
  file?(places: Places): string;
  /** What holds under these settings; `text` is undefined where there is no file, and may be anything. */
  read(text: string | undefined, env: Places['env']): Retention;
}
