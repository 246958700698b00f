import { basename, join, resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { readOpenCodeDatabase } from './database.ts';
import { detectOpenCode } from './detection.ts';
import { opencodeHooks } from './hooks.ts';
import { opencodeRetention } from './retention.ts';
import { opencodeSetup } from './setup.ts';
import { readTreeDocument } from './tree.ts';

function places({ home, env }: Places): readonly string[] {
  const root = join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'opencode');
  // A name without a folder is a file in the root; an in-memory database is not a file.
  const database = env.OPENCODE_DB ?? '';
  const named = database === '' || database === ':memory:' ? [] : [resolve(root, database)];
  return [...named, root];
}

const NEVER = /^\.|auth|account|credential|token|secret|config|settings|package|lock/i;

/** Ids are random letters, in which any word turns up if the tree is large. */
const BY_ID = /^(?:ses|msg|prt)_\w+\.json$/;

function wants(path: string): boolean {
  const name = basename(path);
  return BY_ID.test(name) || (/\.(?:db|json)$/.test(name) && !NEVER.test(name));
}

/** OpenCode: its database of both generations, and the JSON tree before it. */
export const opencode: Agent = {
  name: 'opencode',
  product: 'opencode',
  summary: 'OpenCode sessions (database 2.x and 1.x, JSON tree)',
  places,
  wants,
  detect: detectOpenCode,
  readDocument: readTreeDocument,
  readDatabase: readOpenCodeDatabase,
  hooks: opencodeHooks,
  setup: opencodeSetup,
  retention: opencodeRetention,
};
