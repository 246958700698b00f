// Takes the screenshots in docs/images from invented sessions: `node scripts/screenshots.mjs [folder]`. Needs
// chromium.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { viewerAssets } from './build-viewer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'docs/images');
const browserPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Session, window size, light or dark, and what to do before the picture is taken. */
const SHOTS = [
  {
    name: 'viewer',
    session: 'small',
    theme: 'light',
    act: (page) => page.getByText('npm test').first().click(),
  },
  {
    name: 'viewer-dark',
    session: 'small',
    theme: 'dark',
    act: (page) => page.getByText('npm test').first().click(),
  },
  { name: 'viewer-large', session: 'large', theme: 'light', act: zoomIn },
  { name: 'viewer-large-dark', session: 'large', theme: 'dark', act: zoomIn },
  {
    name: 'viewer-failing',
    session: 'failing',
    theme: 'light',
    act: (page) => page.getByRole('button', { name: /Only problems/ }).click(),
  },
  {
    name: 'viewer-failing-dark',
    session: 'failing',
    theme: 'dark',
    act: (page) => page.keyboard.press('e').then(() => page.keyboard.press('Enter')),
  },
  {
    name: 'viewer-subagent',
    session: 'subagent',
    theme: 'light',
    act: (page) => page.getByText('subagent Explore').first().click(),
  },
  { name: 'viewer-subagent-dark', session: 'subagent', theme: 'dark', act: async () => {} },
  {
    name: 'viewer-charts',
    session: 'large',
    theme: 'light',
    act: (page) => page.getByRole('tab', { name: 'Tokens and cost' }).click(),
  },
  {
    name: 'viewer-charts-dark',
    session: 'large',
    theme: 'dark',
    act: (page) => page.getByRole('tab', { name: 'Tokens and cost' }).click(),
  },
  {
    name: 'viewer-tools',
    session: 'failing',
    theme: 'light',
    act: (page) => page.getByRole('tab', { name: 'Tools' }).click(),
  },
  {
    name: 'viewer-phone',
    session: 'small',
    theme: 'dark',
    width: 320,
    height: 640,
    act: async () => {},
  },
  {
    name: 'viewer-phone-details',
    session: 'failing',
    theme: 'light',
    width: 320,
    height: 640,
    act: (page) => page.getByText('npm test').first().click(),
  },
];

const WISHES = {
  small: { turns: 2, stepsPerTurn: 6, failures: 0.1 },
  large: {
    turns: 40,
    stepsPerTurn: 40,
    failures: 0.05,
    subagentEvery: 15,
    title: 'Move the shop to the new payment service',
  },
  failing: { turns: 3, stepsPerTurn: 12, failures: 0.4, title: 'Make the build green again' },
  subagent: {
    turns: 2,
    stepsPerTurn: 6,
    subagentEvery: 3,
    failures: 0.05,
    title: 'Find out where amounts are rounded',
  },
};

async function zoomIn(page) {
  for (let time = 0; time < 10; time++) await page.keyboard.press('+');
}

async function loadView(scratch) {
  const outfile = join(scratch, 'view.mjs');
  const contents = `export { renderViewer } from './src/view/viewer.ts'; export { inventedSession } from './test/view/invented-session.ts'; export { asRead } from './test/view/sample-session.ts';`;
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

const scratch = mkdtempSync(join(tmpdir(), 'agent-strace-shots-'));
mkdirSync(folder, { recursive: true });
const { renderViewer, inventedSession, asRead } = await loadView(scratch);
const assets = await viewerAssets();
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
try {
  for (const { name, session, theme, width = 1280, height = 760, act } of SHOTS) {
    const file = join(scratch, `${name}.html`);
    writeFileSync(
      file,
      [...renderViewer(asRead(inventedSession(WISHES[session])), { assets, version: '' })].join(''),
    );
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
    page.on('pageerror', (error) => console.error(name, error.message));
    page.on('console', (message) => console.error(name, message.text()));
    await page.goto(pathToFileURL(file).href);
    await page.getByRole('tree').waitFor();
    await act(page);
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
    console.log(`${name}.png`);
  }
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
