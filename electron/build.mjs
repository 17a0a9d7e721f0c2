// Builds the page, and the Node side for packages, into out/. With `--if-stale` only when a source is newer than the build.
import path from 'node:path';
import { build } from 'vite';
import { isBuilt, markBuilt, ROOT, takeTurn } from './checkout.mjs';

const isWanted = () => !process.argv.includes('--if-stale') || !isBuilt();
if (isWanted()) {
  const endTurn = takeTurn('building');
  try {
    if (isWanted()) await buildAll();
  } finally {
    endTurn();
  }
}

async function buildAll() {
  process.stderr.write('Building...\n');
  const started = Date.now();
  // In this order: the main side's build empties out/electron.
  for (const side of ['renderer', 'electron/main', 'electron/preload']) {
    await build({ configFile: path.join(ROOT, side, 'vite.config.ts'), logLevel: 'error' });
  }
  markBuilt(started);
}
