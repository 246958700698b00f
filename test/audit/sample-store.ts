import type { AuditSource } from '../../src/audit/audit-source.ts';
import type { PackageOptions, PackageReport } from '../../src/audit/package-options.ts';
import type { OpenPackage } from '../../src/audit/verify-package.ts';
import { writePackage } from '../../src/audit/write-package.ts';
import { type Fact, MemoryStore } from './memory-source.ts';

const START = 1_767_225_600_000_000;
const SECOND = 1_000_000;

/** One turn with a model call, an allowed and a denied tool call, an error and a recorded end. */
export function sampleFacts(session: string, closed = true): Fact[] {
  const id = (name: string) => `${session}/${name}`;
  let at = START;
  const next = () => {
    at += SECOND;
    return at;
  };
  const facts: Fact[] = [
    {
      type: 'session_start',
      id: 'start',
      op: 'session',
      at: next(),
      facts: { agent: 'test-agent', agent_version: '1.2.3', cwd: '/home/dev/project' },
    },
    {
      type: 'prompt',
      id: id('p1'),
      op: 'p1',
      at: next(),
      facts: { origin: 'human' },
      contents: { text: `please fix it, ${session} 😀` },
    },
    {
      type: 'llm_response',
      id: id('m1'),
      op: 'm1',
      at: next(),
      facts: {
        response_model: 'model-a',
        provider: 'example',
        usage_input: 1200,
        usage_output: 80,
        stop_reason: 'tool_use',
      },
      contents: { output: 'I will look.\nThen I will fix it.' },
    },
    {
      type: 'tool_call',
      id: id('t1'),
      op: 't1',
      at: next(),
      facts: { name: 'Bash', executable: 'ls' },
      contents: {
        input: '{"cmd":"ls","id":9007199254740993,"nested":{"path":"/tmp/a","depth":{"x":1}}}',
      },
    },
    {
      type: 'permission',
      id: id('a1'),
      op: 'a1',
      at: next(),
      facts: { decision: 'allow', source: 'user', wait_us: 2_500_000, tool_name: 'Bash' },
    },
    {
      type: 'tool_result',
      id: id('r1'),
      op: 't1',
      at: next(),
      facts: { outcome: 'ok', exit_code: 0 },
      contents: { output: 'a\nb\n' },
    },
    {
      type: 'tool_call',
      id: id('t2'),
      op: 't2',
      at: next(),
      facts: { name: 'search', mcp_server: 'docs' },
      contents: { input: `{"q":"${session}"}` },
    },
    {
      type: 'tool_result',
      id: id('r2'),
      op: 't2',
      at: next(),
      facts: { name: 'search', outcome: 'error', error_type: 'timeout' },
      contents: { error: 'timed out' },
    },
    {
      type: 'tool_call',
      id: id('t3'),
      op: 't3',
      at: next(),
      facts: { name: 'bash' },
      contents: { input: '{"cmd":"rm -r x"}' },
    },
    {
      type: 'tool_result',
      id: id('r3'),
      op: 't3',
      at: next(),
      facts: { name: 'Bash', outcome: 'denied', decision: 'deny', decision_source: 'user' },
    },
    { type: 'response', id: id('o1'), op: 'o1', at: next(), contents: { text: 'Done.' } },
    { type: 'turn_end', id: id('e1'), op: 'turn1', at: next(), facts: { outcome: 'completed' } },
  ];
  if (closed)
    facts.push({
      type: 'session_end',
      id: 'end',
      op: 'session',
      at: next(),
      facts: { reason: 'exit' },
    });
  return facts;
}

/** Three closed sessions and a ledger with a checkpoint on the way. */
export function sampleStore(): MemoryStore {
  const store = new MemoryStore();
  for (const session of ['alpha', 'beta', 'gamma']) {
    store.record({ session, facts: sampleFacts(session) }, { checkpointAfter: 5 });
  }
  return store;
}

export const PACKAGE_OPTIONS: PackageOptions = {
  id: '7f8a2f52-6a8f-4c55-9d53-0c9f5d1b1c11',
  generatedAt: '2026-04-01T09:00:00Z',
  tool: { name: 'agent-strace', version: '0.0.0', runtime: 'node', platform: 'test' },
  declarations: { system: { name: 'Release helper', purpose: 'writes release notes' } },
  selection: { arguments: { all: 'true' } },
  disclose: () => true,
  touches: () => false,
  touchesHeader: () => false,
  keys: [],
};

/** The package as text, and what the writer reported. */
export function packageText(source: AuditSource, options: Partial<PackageOptions> = {}) {
  const chunks = writePackage(source, { ...PACKAGE_OPTIONS, ...options });
  let text = '';
  for (let next = chunks.next(); ; next = chunks.next()) {
    if (next.done === true) return { text, report: next.value as PackageReport };
    text += next.value;
  }
}

/** A text as a package file, in pieces that fall anywhere. */
export function opened(text: string, piece = 4096): OpenPackage {
  const bytes = Buffer.from(text);
  return function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
}
