import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { detectTranscript } from './detection.ts';
import { claudeHooks } from './hooks.ts';
import {
  detectMessageDatabase,
  MESSAGE_DATABASE,
  readMessageDatabase,
} from './message-database.ts';
import { PRODUCT } from './product.ts';
import { claudeRetention } from './retention.ts';
import { openSessions } from './sessions.ts';
import { claudeSetup } from './setup.ts';
import { openStream, readStreamDocument } from './stream.ts';
import { detectStream } from './stream-detection.ts';

/** Files ending in .jsonl that are not transcripts: the prompt history and the journal of a workflow. */
const OTHER_FILES: ReadonlySet<string> = new Set(['history.jsonl', 'journal.jsonl']);

/** File in which the GitHub action saves a run. */
const ACTION_FILE = 'claude-execution-output.json';

/** Claude Code: one JSON object per line, one file per session, subagents in files of their own. */
export const claude: Agent = {
  name: 'claude',
  product: PRODUCT,
  summary: 'Claude Code transcripts (JSONL), subagents and workflows included',
  places,
  wants,
  detect: (sample) =>
    detectMessageDatabase(sample) ?? detectTranscript(sample) ?? detectStream(sample),
  openLines: (context) =>
    context.detection.dialect === 'stream' ? openStream(context) : openSessions(context),
  readDocument: readStreamDocument,
  readDatabase: readMessageDatabase,
  hooks: claudeHooks,
  setup: claudeSetup,
  retention: claudeRetention,
};

function places({ home, platform, env }: Places): readonly string[] {
  const named = (env.CLAUDE_CONFIG_DIR ?? '').split(',').map((root) => root.trim());
  const moved = named.filter((root) => root !== '');
  const usual = join(home, '.config');
  const config = new Set([usual, env.XDG_CONFIG_HOME || usual]);
  return [
    ...moved.map((root) => join(root, 'projects')),
    join(home, '.claude', 'projects'),
    ...[...config].map((root) => join(root, 'claude', 'projects')),
    ...[...moved, join(home, '.claude')].map((root) => join(root, MESSAGE_DATABASE)),
    join(applicationData(home, platform, env), 'Claude', 'local-agent-mode-sessions'),
  ];
}

function applicationData(home: string, platform: NodeJS.Platform, env: Places['env']): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA ?? join(home, 'AppData', 'Roaming');
  return env.XDG_CONFIG_HOME ?? join(home, '.config');
}

function wants(path: string): boolean {
  const name = basename(path.replaceAll('\\', '/')).toLowerCase();
  if (name === ACTION_FILE || name === MESSAGE_DATABASE) return true;
  if (!name.endsWith('.jsonl') || OTHER_FILES.has(name)) return false;
  return !name.includes('.orphaned') && !name.includes('.superseded');
}
