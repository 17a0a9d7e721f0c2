// What only Electron can show: the hardening of style and checklist, item by item, in the running program.
import { expect, test, type ElectronApplication, type Page } from '@playwright/test';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { hasElectron, startElectron } from '../support/electron.ts';
import { temporaryFolder } from '../support/lectern.ts';
import { writeTestStudy } from '../support/test-study.ts';
import { CONTENT_SECURITY_POLICY } from '../../shared/contract/csp.ts';

test.skip(!hasElectron, 'Electron specs: the Electron runtime is not here');

let folder: ReturnType<typeof temporaryFolder>;
let app: ElectronApplication;
let page: Page;
test.beforeEach(async () => {
  folder = temporaryFolder();
  ({ app, page } = await startElectron(folder.path));
  await expect(page.getByRole('heading', { name: 'The archive is empty' })).toBeVisible();
});
test.afterEach(async () => {
  await app.close();
  folder[Symbol.dispose]();
});

test('the page has no Node, an isolated bridge of few members, and the policy on its document', async () => {
  const found = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
    bridge: Object.keys((globalThis as { desktop?: object }).desktop ?? {}).sort(),
    address: location.href,
  }));
  expect(found).toEqual({
    node: [],
    bridge: ['noteOpened', 'onOpenPaths', 'onOpenStudy', 'pathsOfFiles', 'pickImportPaths', 'reportReady'],
    address: 'lectern://app/',
  });
  const policy = await page.evaluate(async () => (await fetch('/')).headers.get('content-security-policy'));
  expect(policy).toBe(CONTENT_SECURITY_POLICY);
});

test('the policy is obeyed: no script from outside, no eval, no connection elsewhere', async () => {
  const refused = await page.evaluate(async () => {
    const tries: Record<string, () => unknown> = {
      // What is tried here must fail.
      // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
      eval: () => new Function('return 1')(),
      fetch: () => fetch('https://example.org/'),
      loopback: () => fetch('http://127.0.0.1:1/'),
      file: () => fetch('file:///etc/hostname'),
    };
    const results: string[] = [];
    for (const [name, attempt] of Object.entries(tries)) {
      try {
        await attempt();
      } catch {
        results.push(name);
      }
    }
    return results;
  });
  expect(refused).toEqual(['eval', 'fetch', 'loopback', 'file']);
});

test('navigation, new windows and foreign documents of the scheme are refused', async () => {
  for (const address of ['https://example.org/', 'file:///etc/hostname', 'lectern://evil/', 'about:blank']) {
    await page.evaluate((target) => {
      location.href = target;
    }, address);
    await expect(page).toHaveURL('lectern://app/');
    expect(await page.evaluate((target) => window.open(target) === null, address)).toBe(true);
  }
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  const outside = await page.evaluate(async () =>
    Promise.all(
      ['/../package.json', '/%2e%2e/package.json', '/..%5cpackage.json', '/%00'].map(
        async (target) => (await fetch(target).catch(() => ({ status: 0 }))).status,
      ),
    ),
  );
  expect(outside.filter((status) => status === 200)).toEqual([]);
});

test('permissions are denied', async () => {
  const states = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi'] as unknown as PermissionName[];
    return Promise.all(
      names.map(async (name) => (await navigator.permissions.query({ name }).catch(() => ({ state: 'denied' }))).state),
    );
  });
  expect(new Set(states)).toEqual(new Set(['denied']));
});

test('a message from another window is refused', async () => {
  const answer = await app.evaluate(async ({ BrowserWindow, session }) => {
    const stranger = new BrowserWindow({ show: false, webPreferences: { session: session.fromPartition('stranger') } });
    await stranger.loadURL('data:text/html,<p>stranger</p>').catch(() => undefined);
    const result = (await stranger.webContents
      .executeJavaScript('typeof window.desktop')
      .catch(() => 'refused')) as string;
    stranger.destroy();
    return result;
  });
  expect(['undefined', 'refused']).toContain(answer);
});

test('the journey: import, find, open, read, as in the browser shell', async () => {
  const browser = new BrowserPage(page);
  await browser.importFiles(writeTestStudy(path.join(folder.path, 'source')));
  await expect(browser.row('Müller, Jörg')).toBeVisible();
  await browser.search.fill('mül');
  await page.keyboard.press('Enter');
  await expect(new ViewerPage(page).corner('tl')).toContainText('Müller, Jörg');
});

test('a second start gives its files to the first one and ends', async () => {
  const files = writeTestStudy(path.join(folder.path, 'source'));
  const exited = await startElectron(folder.path, ['--no-demo', files[0] ?? '']).then(
    async (second) => {
      await second.app.close();
      return false;
    },
    () => true,
  );
  expect(exited).toBe(true);
  await expect(new BrowserPage(page).row('Müller, Jörg')).toBeVisible();
});
