import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

it.each([
  ['help baseline check', 0, /^Usage: agent-strace baseline check /],
  ['help score list', 0, /^Usage: agent-strace score list /],
  ['help baseline', 0, /^Usage: agent-strace baseline \[options\] \[command\]/],
  ['help list --json', 0, /^Usage: agent-strace list /],
  ['help score 3f2a', 0, /^Usage: agent-strace score /],
  ['help baseline chekc', 2, /unknown command 'chekc'\n\(Did you mean check\?\)/],
  ['help nothing of this', 2, /unknown command 'nothing'/],
])('%s', async (words, exit, answer) => {
  const { code, stdout, stderr } = await runCli(words.split(' '));
  expect(code).toBe(exit);
  expect(stdout + stderr).toMatch(answer);
});
