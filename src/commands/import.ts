import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { AgentStraceError, EXIT } from '../errors.ts';
import { forgetCheckpoint } from '../ingest/checkpoints.ts';
import { type Discovery, discover } from '../ingest/discover.ts';
import type { SourceReport } from '../ingest/report.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore, type Store } from '../store/open-store.ts';
import { drainSpool } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { printable } from '../view/terminal-text.ts';
import { chosenAgents } from './chosen-agents.ts';
import { draftCleaner } from './clean-drafts.ts';
import type { CommandContext } from './command.ts';
import { counted } from './counted.ts';
import { importLines, importSummary } from './import-report.ts';
import { importSources } from './import-threads.ts';
import { redactorFor } from './treatment.ts';

/** `agent-strace import [path…]`: exit 0 all read, 3 some broken, 2 nothing readable. */
export async function run(context: CommandContext): Promise<number> {
  const agents = chosenAgents(context.options['agent']);
  const paths = (context.args[0] as readonly string[] | undefined) ?? [];
  const named = paths.length > 0;
  const found = named
    ? withEmptyFolders(paths, discover(paths, agents))
    : discover(usualPlaces(agents, context.env), agents);
  if (context.options['discover'] === true) return showDiscovery(context, found);
  if (found.sources.length === 0) throw nothingFound(paths, found, agents, context.env);
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'write',
  });
  try {
    return await importAll(context, store, found);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

/** A folder that was named and gave nothing, while others did, is refused as a file would be. */
function withEmptyFolders(named: readonly string[], found: Discovery): Discovery {
  if (found.sources.length === 0) return found;
  const known = [...found.sources, ...found.refused].map(({ path }) => path);
  const empty = named
    .map((path) => resolve(path))
    .filter((path) => !known.some((one) => one === path || one.startsWith(join(path, sep))))
    .map((path) => ({ path, reason: 'no recording of a known agent found in it' }));
  return { ...found, refused: [...found.refused, ...empty] };
}

async function importAll(context: CommandContext, store: Store, found: Discovery): Promise<number> {
  const redactor =
    context.options['redact'] === true
      ? await redactorFor(store, { ...context.options, redact: undefined })
      : undefined;
  const clean = redactor === undefined ? undefined : draftCleaner(redactor);
  const force = context.options['force'] === true;
  const writer = createEventWriter(store, { redaction: redactor?.digest, revive: force });
  if (force) for (const source of found.sources) forgetCheckpoint(store, source.path);
  drainSpool(store, writer);
  const reports: SourceReport[] = [];
  const home = context.env['HOME'] ?? homedir();
  const { options, signal } = context;
  for await (const report of importSources(
    { store, writer, clean },
    found.sources,
    options,
    signal,
  )) {
    reports.push(report);
    if (context.options['json'] !== true)
      for (const line of importLines(report, home)) context.say(line);
  }
  for (const refusal of found.refused)
    context.warn(`${printable(refusal.path)}: not taken, ${refusal.reason}`);
  const summary = importSummary(reports, found.refused.length);
  if (context.options['json'] === true)
    context.write(
      `${JSON.stringify({ sources: reports.map(plain), refused: found.refused, ...summary.figures }, null, 2)}\n`,
    );
  else context.say(summary.line);
  return exitCode(reports, found);
}

function plain(report: SourceReport) {
  return { ...report, sessions: [...report.sessions], pruned: [...report.pruned] };
}

function exitCode(reports: readonly SourceReport[], found: Discovery): number {
  const readable = reports.filter(
    (report) =>
      report.status !== 'failed' && (report.records === 0 || report.records > report.broken),
  );
  if (readable.length === 0) return EXIT.failed;
  const troubled = reports.some((report) => report.status === 'failed' || report.broken > 0);
  return troubled || found.refused.length > 0 ? EXIT.partial : EXIT.done;
}

function usualPlaces(agents: readonly Agent[], env: NodeJS.ProcessEnv): string[] {
  const places = { home: env['HOME'] ?? homedir(), platform: process.platform, env };
  return agents.flatMap((agent) => agent.places(places)).filter((path) => existsSync(path));
}

function nothingFound(
  named: readonly string[],
  found: Discovery,
  agents: readonly Agent[],
  env: NodeJS.ProcessEnv,
): AgentStraceError {
  const reasons = found.refused.map((refusal) => `${printable(refusal.path)}: ${refusal.reason}`);
  if (named.length > 0) {
    return new AgentStraceError(
      'nothing_readable',
      reasons.length > 0
        ? reasons.join('; ')
        : `no recording of a known agent found in ${named.map(printable).join(', ')}`,
    );
  }
  const looked = agents.flatMap((agent) =>
    agent.places({ home: env['HOME'] ?? homedir(), platform: process.platform, env }),
  );
  return new AgentStraceError(
    'nothing_readable',
    [
      `no recording found; looked in ${looked.join(', ')}`,
      ...reasons,
      'name a file or folder',
    ].join('; '),
  );
}

function showDiscovery(context: CommandContext, found: Discovery): number {
  if (context.options['json'] === true) {
    const sources = found.sources.map(({ path, size, agent, detection }) => ({
      path,
      size,
      agent: agent.name,
      ...detection,
    }));
    context.write(`${JSON.stringify({ sources, refused: found.refused }, null, 2)}\n`);
  } else {
    for (const { path, size, agent, detection } of found.sources) {
      const role = detection.subagent === true ? 'subagent' : 'session';
      context.write(`${agent.name}\t${detection.dialect}\t${role}\t${size}\t${printable(path)}\n`);
    }
    for (const refusal of found.refused)
      context.warn(`${printable(refusal.path)}: not taken, ${refusal.reason}`);
    context.say(
      `${counted(found.sources.length, 'recording')} found; nothing was imported (--discover)`,
    );
  }
  return found.sources.length > 0 ? EXIT.done : EXIT.failed;
}
