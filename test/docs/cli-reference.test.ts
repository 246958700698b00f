import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { namedCommands, programHelp } from './commands-of-the-program.ts';
import { expectPage, readPage } from './pages.ts';

const PAGE = 'docs/cli-reference.md';

const HEAD = `# Commands and flags

<!-- Generated from the program's own help: UPDATE_DOCS=1 npx vitest run test/docs/cli-reference.test.ts -->

In a clone the program is \`node dist/cli.cjs\` after \`npm run build\`; installed, it is \`agent-strace\`.
A flag wins over the environment variable named beside it. Times, selections, streams and exit codes
are explained in [Using the command line](using-the-command-line.md), what \`--json\` prints in [JSON for
scripts](json-output.md).
`;

function block(title: string, level: number, help: string): string {
  return `${'#'.repeat(level)} ${title}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
}

test('the reference page says what the help of every command says', () => {
  const commands = namedCommands();
  const sections = commands.map(({ name, help }) => block(name, name.includes(' ') ? 3 : 2, help));
  expectPage(PAGE, [HEAD, block('agent-strace', 2, programHelp()), ...sections].join('\n'));
});

test('the page on the command line names every exit code', () => {
  const page = readPage('docs/using-the-command-line.md');
  for (const code of Object.values(EXIT)) expect(page).toContain(`| ${code} |`);
});
