import type { Content, LlmCallOperation, Operation } from '../../src/session/operation.ts';
import type { SessionTotals } from '../../src/session/session.ts';
import {
  content,
  head,
  llm,
  operation,
  START,
  tool,
  totals,
  type WholeSession,
} from './sample-session.ts';

/** What to invent; the same wishes give the same session. */
export interface Wishes {
  readonly turns: number;
  readonly stepsPerTurn: number;
  /** Share of tool calls that go wrong, 0 to 1. */
  readonly failures?: number;
  /** A subagent in every so many steps; 0 for none. */
  readonly subagentEvery?: number;
  readonly title?: string;
}

export interface InventedSession extends WholeSession {
  readonly operations: Operation[];
}

const PROMPTS = [
  'The checkout page shows the wrong tax for Swiss customers. Find out why and fix it.',
  'Good. Now add a test that fails without the fix.',
  'Please also look at how we round the amounts, and tell me before you change anything.',
  'Run everything once more and write a short summary for the pull request.',
];
const REPLIES = [
  'The rate was looked up by the billing country; for Switzerland it has to be the shipping country. Fixed in `tax/rate.ts`.',
  'There is a test now that fails on the old code and passes on the new one.',
  'Amounts are rounded per line and again per order, which loses a cent on long orders. I have not changed it yet.',
  'All 412 tests pass. Summary: tax follows the shipping country; one test added; rounding left as it is.',
];
const TOOLS: readonly [name: string, input: object, output: string][] = [
  [
    'Grep',
    { pattern: 'taxRate\\(', path: 'src' },
    'src/tax/rate.ts:14\nsrc/checkout/total.ts:52\nsrc/checkout/total.ts:88',
  ],
  [
    'Read',
    { file_path: 'src/tax/rate.ts' },
    'export function taxRate(order: Order): number {\n  const country = order.billing.country;\n  return RATES[country] ?? 0;\n}\n',
  ],
  [
    'Edit',
    {
      file_path: 'src/tax/rate.ts',
      old_string: 'order.billing.country',
      new_string: 'order.shipping.country',
    },
    'The file was updated.',
  ],
  [
    'Bash',
    { command: 'npm test -- tax', description: 'Run the tax tests' },
    ' ✓ tax/rate.test.ts (14 tests)\n ✓ tax/rounding.test.ts (9 tests)\n\nTests  23 passed',
  ],
  [
    'Bash',
    { command: 'git diff --stat' },
    ' src/tax/rate.ts | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)',
  ],
  [
    'mcp__tracker__search_issues',
    { query: 'swiss tax' },
    '[{"id":4711,"title":"Tax is wrong for CH"}]',
  ],
  [
    'WebFetch',
    { url: 'https://tax.example/rates', prompt: 'Swiss rates' },
    'Standard rate 8.1 %, reduced rate 2.6 %.',
  ],
  ['Write', { file_path: 'test/tax/shipping-country.test.ts' }, 'File created.'],
];
const FAILURE = 'FAIL tax/rate.test.ts\n  expected 8.1, received 19\n\nTests  1 failed, 22 passed';

/** Numbers between 0 and 1 that look random and are the same every time. */
function sequence(): () => number {
  let state = 20_260_314;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function inputOf(value: object): Content {
  return content('input', JSON.stringify(value), 'application/json');
}

function idOf(count: number): string {
  return count.toString(16).padStart(16, '0');
}

class Inventor {
  readonly operations: Operation[] = [];
  private readonly random = sequence();
  private readonly wishes: Wishes;
  private now = 0;
  private count = 0;
  private context = 9_000;

  constructor(wishes: Wishes) {
    this.wishes = wishes;
  }

  private id(): string {
    this.count++;
    return idOf(this.count);
  }

  /** What the call that is about to be invented was given and gives: what came before it, and what comes next. */
  private messages(last: boolean): LlmCallOperation['messageRefs'] {
    const before = this.operations.at(-1);
    const next = idOf(this.count + 2);
    const result = { role: 'tool', type: 'tool_call_response' } as const;
    const inputs = {
      prompt: (operationId: string) => [{ role: 'user', type: 'text', operationId }] as const,
      tool_call: (operationId: string) => [{ ...result, operationId }],
    };
    return {
      inputs:
        before?.kind === 'prompt' || before?.kind === 'tool_call'
          ? inputs[before.kind](before.id)
          : [],
      outputs: [{ role: 'assistant', type: last ? 'text' : 'tool_call', operationId: next }],
    };
  }

  private call(parentId: string, part: Partial<LlmCallOperation> = {}): void {
    if (this.context > 180_000) this.compact(parentId);
    const messageRefs = this.messages(part.finishReasons?.[0] === 'end_turn');
    const output = Math.round(60 + this.random() ** 3 * 2400);
    const from = this.now;
    this.now += 0.9 + output / 70 + this.random();
    const cacheRead = Math.round(this.context * 0.96);
    this.operations.push(
      llm(this.id(), from, this.now, {
        parentId,
        usage: { input: this.context, output, cacheRead, basis: 'exact' },
        cost: {
          usd: (this.context - cacheRead) * 3e-6 + cacheRead * 3e-7 + output * 15e-6,
          basis: 'estimated',
          priceTable: '2026-03',
        },
        finishReasons: ['tool_use'],
        requestId: `req_${this.count}`,
        messageRefs,
        ...part,
      }),
    );
    this.context += output + Math.round(this.random() * 1800);
  }

  private compact(parentId: string): void {
    const from = this.now;
    this.now += 14;
    this.operations.push(
      operation('compaction', this.id(), from, this.now, {
        parentId,
        trigger: 'auto',
        tokensBefore: this.context,
        tokensAfter: 24_000,
      }),
    );
    this.context = 24_000;
  }

  private toolCall(parentId: string, lane = ''): void {
    const pick = TOOLS[Math.floor(this.random() * TOOLS.length)] ?? TOOLS[0];
    if (!pick) return;
    const [name, input, output] = pick;
    const from = this.now;
    this.now += 0.02 + this.random() ** 4 * (name === 'Bash' ? 40 : 4);
    const chance = this.random();
    const fails = chance < (this.wishes.failures ?? 0);
    const mcp = name.startsWith('mcp__')
      ? { toolType: 'mcp' as const, mcpServer: 'tracker', mcpTool: 'search_issues' }
      : {};
    const bad =
      chance < (this.wishes.failures ?? 0) * 0.15
        ? { outcome: 'denied' as const }
        : {
            outcome: 'error' as const,
            error: { type: 'exit_code', message: 'exit code 1' },
            exitCode: 1,
          };
    this.operations.push(
      tool(this.id(), from, this.now, {
        parentId,
        lane,
        name,
        callId: `toolu_${this.count}`,
        ...mcp,
        ...(fails ? bad : {}),
        silentFailure: !fails && name === 'Bash' && chance > 0.985,
        contents: [inputOf(input), content('output', fails ? FAILURE : output)],
      }),
    );
    this.now += 0.05;
  }

  private subagent(parentId: string): void {
    const task = this.id();
    const agent = this.id();
    const from = this.now;
    this.now += 0.2;
    const context = this.context;
    this.context = 6_000;
    for (let step = 0; step < 5; step++) {
      this.call(agent, { lane: agent, responseModel: 'claude-haiku-4-5' });
      this.toolCall(agent, agent);
    }
    this.context = context + 900;
    const ask = { description: 'Find every place that rounds an amount', subagent_type: 'Explore' };
    this.operations.push(
      operation('subagent', agent, from + 0.1, this.now, {
        parentId: task,
        lane: agent,
        agentId: agent,
        agentType: 'Explore',
        description: ask.description,
        outcome: 'completed',
      }),
      tool(task, from, this.now + 0.1, {
        parentId,
        name: 'Task',
        contents: [
          inputOf(ask),
          content('output', 'Three places: total.ts:52, total.ts:88, invoice.ts:31.'),
        ],
      }),
    );
    this.now += 0.2;
  }

  turn(index: number): void {
    const turn = this.id();
    const from = this.now;
    this.operations.push(
      operation('prompt', this.id(), from, from, {
        parentId: turn,
        contents: [content('text', PROMPTS[index % PROMPTS.length] ?? '')],
      }),
    );
    for (let step = 1; step <= this.wishes.stepsPerTurn; step++) {
      this.call(turn);
      const every = this.wishes.subagentEvery ?? 0;
      if (every > 0 && step % every === 0) this.subagent(turn);
      else this.toolCall(turn);
    }
    this.call(turn, { finishReasons: ['end_turn'] });
    this.operations.push(
      operation('response', this.id(), this.now, this.now, {
        parentId: turn,
        contents: [content('text', REPLIES[index % REPLIES.length] ?? '')],
      }),
      operation('turn', turn, from, this.now, { index: index + 1, outcome: 'completed' }),
    );
    this.now += index % 3 === 1 ? 2400 : 20 + this.random() * 30;
  }

  totals(): SessionTotals {
    const of = <Kind extends Operation['kind']>(kind: Kind) =>
      this.operations.filter((one) => one.kind === kind) as Extract<Operation, { kind: Kind }>[];
    const tools = of('tool_call');
    const calls = of('llm_call');
    const sum = (value: (call: LlmCallOperation) => number | undefined): number =>
      calls.reduce((total, call) => total + (value(call) ?? 0), 0);
    return totals({
      endMicros: this.operations.reduce((end, one) => Math.max(end, one.endMicros), START),
      title: this.wishes.title ?? 'Fix the tax for Swiss customers',
      models: [...new Set(calls.map((call) => call.responseModel ?? ''))],
      turns: this.wishes.turns,
      prompts: this.wishes.turns,
      responses: this.wishes.turns,
      llmCalls: calls.length,
      toolCalls: tools.length,
      toolErrors: tools.filter((one) => one.outcome === 'error').length,
      denials: tools.filter((one) => one.outcome === 'denied').length,
      interrupts: 0,
      silentFailures: tools.filter((one) => one.silentFailure).length,
      unfinished: 0,
      subagents: of('subagent').length,
      compactions: of('compaction').length,
      usage: {
        input: sum((call) => call.usage?.input),
        output: sum((call) => call.usage?.output),
        cacheRead: sum((call) => call.usage?.cacheRead),
        basis: 'exact',
      },
      cost: { usd: sum((call) => call.cost?.usd), basis: 'estimated' },
      eventCount: this.operations.length * 2,
    });
  }
}

/** A session that never took place, with the shape of one that did; operations in the order they end. */
export function inventedSession(wishes: Wishes): InventedSession {
  const inventor = new Inventor(wishes);
  for (let index = 0; index < wishes.turns; index++) inventor.turn(index);
  return {
    head: { ...head, cwd: '/home/ada/shop', gitBranch: 'fix/swiss-tax' },
    totals: inventor.totals(),
    operations: inventor.operations,
  };
}
