// Starts the built Electron program on a data folder of its own, where its runtime is there.
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './lectern.ts';

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};
const RUNTIME = path.join(
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(ROOT, 'node_modules', 'electron', 'dist'),
  NAMES[process.platform] ?? 'electron',
);

/** Electron's binary is not part of its package: it is fetched at the first start, where that is possible. */
export const hasElectron = fs.existsSync(RUNTIME);

export async function startElectron(
  folder: string,
  args: readonly string[] = ['--no-demo'],
): Promise<{ app: ElectronApplication; page: Page }> {
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({
    executablePath: RUNTIME,
    args: [...sandbox, ROOT, '--data', path.join(folder, 'data'), ...args],
    env: { ...process.env, LECTERN_KEYS: path.join(folder, 'keys') },
  });
  return { app, page: await app.firstWindow() };
}
