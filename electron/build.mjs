// Builds the page, and the Node side for packages, into out/. With `--if-stale` only when a source is newer than the build.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { ROOT } from './checkout.mjs';

const MARK = path.join(ROOT, 'out', '.built');
const SOURCES = ['renderer', 'shared', 'resources', 'electron', 'package-lock.json'];

function newest(entry) {
  const stat = fs.statSync(entry, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return fs
    .readdirSync(entry)
    .filter((name) => name !== 'node_modules')
    .reduce((latest, name) => Math.max(latest, newest(path.join(entry, name))), stat.mtimeMs);
}

const isStale = () => {
  const built = fs.statSync(MARK, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.some((name) => newest(path.join(ROOT, name)) > built);
};

if (!process.argv.includes('--if-stale') || isStale()) {
  process.stderr.write('Building...\n');
  const started = Date.now();
  // In this order: the main side's build empties out/electron.
  for (const side of ['renderer', 'electron/main', 'electron/preload']) {
    await build({ configFile: path.join(ROOT, side, 'vite.config.ts'), logLevel: 'error' });
  }
  fs.writeFileSync(MARK, '');
  fs.utimesSync(MARK, new Date(started), new Date(started));
}
