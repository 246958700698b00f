import { messageOf } from '../../errors.ts';
import { nativeProblem } from '../../store/native-problem.ts';
import { VERSION } from '../../version.ts';
import { bad, type Chapter, type Finding, ok } from './finding.ts';

const OLDEST_NODE = [20, 19];

/** This program, Node and the native module of the store. */
export async function installationChapter(): Promise<Chapter> {
  const node = process.versions.node;
  const sqlite = await nativeSqlite();
  const findings: Finding[] = [
    ok(`agent-strace ${VERSION} on ${process.platform} ${process.arch}`),
  ];
  findings.push(
    isNewEnough(node)
      ? ok(`Node ${node}`)
      : bad(`Node ${node} is older than ${OLDEST_NODE.join('.')}; install a newer one`),
  );
  findings.push(
    'version' in sqlite
      ? ok(`better-sqlite3 works (SQLite ${sqlite.version})`)
      : bad(`better-sqlite3 ${sqlite.problem}`),
  );
  const figures = {
    agentStrace: VERSION,
    platform: process.platform,
    arch: process.arch,
    node,
    nativeModule:
      'version' in sqlite
        ? { works: true, sqlite: sqlite.version }
        : { works: false, code: sqlite.code },
  };
  return { title: 'installation', findings, figures };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE[0]! || (major === OLDEST_NODE[0]! && minor >= OLDEST_NODE[1]!);
}

type NativeSqlite = { version: string } | { problem: string; code: string };

/** Loaded here rather than with the program: a broken module must be reported, not break the report. */
async function nativeSqlite(): Promise<NativeSqlite> {
  try {
    const { sqliteVersion } = await import('../../store/native-module.ts');
    return { version: sqliteVersion() };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const problem = nativeProblem(error) ?? `cannot be loaded (${messageOf(error).split('\n')[0]})`;
    return { problem, code: typeof code === 'string' ? code : 'unknown' };
  }
}
