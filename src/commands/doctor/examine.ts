import { existsSync } from 'node:fs';
import type { Agent } from '../../agents/agent.ts';
import type { Places } from '../../agents/places.ts';
import { AGENTS } from '../../agents/registry.ts';
import { type Refusal, type Source, sampleOf, sourceOf } from '../../ingest/discover.ts';
import { type Examination, examineSource } from '../../ingest/examine-source.ts';
import { type FoundFile, newestFiles } from '../../ingest/newest-files.ts';

/** How much is read: newest first, so that a change of format shows at once. */
export const LIMITS = {
  files: 20,
  /** Agents that write trees of small documents have many files per session. */
  documents: 200,
  fileBytes: 8_000_000,
  agentBytes: 64_000_000,
  records: 20_000,
} as const;

export interface ExaminedFile {
  readonly file: FoundFile;
  readonly source: Source;
  readonly examination: Examination;
}

export interface ExaminedAgent {
  readonly agent: Agent;
  readonly places: readonly { path: string; exists: boolean; files: number }[];
  /** Folders that cannot be listed and files that cannot be read, with the reasons. */
  readonly refused: readonly Refusal[];
  readonly examined: readonly ExaminedFile[];
  /** Files named like the agent's recordings, but with other contents. Empty files do not count. */
  readonly strangers: readonly FoundFile[];
  readonly empty: number;
}

/** Reads an agent's newest recordings without storing anything. */
export function examineAgent(agent: Agent, where: Places): ExaminedAgent {
  const paths = [...new Set(agent.places(where))];
  const refused: Refusal[] = [];
  const all: FoundFile[] = [];
  const places = paths.map((path) => {
    const exists = existsSync(path);
    if (!exists) return { path, exists, files: 0 };
    const found = newestFiles(path, agent, LIMITS.files + LIMITS.documents);
    refused.push(...found.refused);
    all.push(...found.newest);
    return { path, exists, files: found.count };
  });
  const { refused: unreadable, ...found } = examineFiles(chosen(all));
  return { agent, places, refused: [...refused, ...unreadable], ...found };
}

function chosen(all: readonly FoundFile[]): FoundFile[] {
  const files = [...new Map(all.map((file) => [file.path, file])).values()].sort(
    (a, b) => b.changedMillis - a.changedMillis,
  );
  const isDocument = ({ path }: FoundFile) => path.endsWith('.json');
  return [
    ...files.filter((file) => !isDocument(file)).slice(0, LIMITS.files),
    ...files.filter(isDocument).slice(0, LIMITS.documents),
  ];
}

function examineFiles(files: readonly FoundFile[]) {
  const examined: ExaminedFile[] = [];
  const strangers: FoundFile[] = [];
  const refused: Refusal[] = [];
  let empty = 0;
  let bytes = 0;
  for (const file of files) {
    if (file.size === 0) {
      empty++;
      continue;
    }
    if (bytes >= LIMITS.agentBytes) break;
    const sample = sampleOf(file.path);
    if (sample === undefined) {
      refused.push({ path: file.path, reason: 'cannot be read' });
      continue;
    }
    const source = sourceOf(sample, AGENTS);
    if (source === undefined) {
      strangers.push(file);
      continue;
    }
    const limits = { bytes: LIMITS.fileBytes, records: LIMITS.records };
    examined.push({ file, source, examination: examineSource(source, limits) });
    bytes += Math.min(file.size, LIMITS.fileBytes);
  }
  return { examined, strangers, empty, refused };
}
