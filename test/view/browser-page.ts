import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { renderViewer, type ViewerAssets } from '../../src/view/viewer.ts';
import { asRead, type WholeSession } from './sample-session.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser for tests of the page, or undefined where there is none. */
export const browserPath = [process.env.CHROMIUM_PATH, ...PLACES].find(
  (place) => place !== undefined && existsSync(place),
);
export const withoutBrowser =
  browserPath === undefined ? ' (skipped: no chromium; install it or set CHROMIUM_PATH)' : '';

/** The page's program, built from the sources. */
export async function builtAssets(): Promise<ViewerAssets> {
  const build = new URL('../../scripts/build-viewer.mjs', import.meta.url).href;
  const { viewerAssets } = (await import(build)) as { viewerAssets(): Promise<ViewerAssets> };
  return viewerAssets();
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath ?? '', args: ['--no-sandbox'] });
}

/** An open page and everything it complained of or asked the network for. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

/** Writes the session as a file, opens it from disk and waits until it is drawn. */
export async function openSession(
  browser: Browser,
  assets: ViewerAssets,
  session: WholeSession,
  look: { width?: number; height?: number; dark?: boolean; textLimit?: number } = {},
): Promise<OpenPage> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-strace-view-'));
  const file = join(folder, 'session.html');
  const { textLimit } = look;
  writeFileSync(
    file,
    [...renderViewer(asRead(session), { assets, version: '1.2.3', textLimit })].join(''),
  );
  const page = await browser.newPage({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    colorScheme: look.dark ? 'dark' : 'light',
  });
  page.once('close', () => rmSync(folder, { recursive: true, force: true }));
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.getByRole('tree').waitFor();
  return { page, complaints, requests };
}
