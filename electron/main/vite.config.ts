// Bundles main and the backend's process into out/electron. Installed packages stay outside the bundle, for native parts
// and workers are found beside their own files.
import { globSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vite';

const ELECTRON = path.join(import.meta.dirname, '..');
const workers = globSync('backend/**/*.worker.ts', { cwd: ELECTRON });

export default defineConfig({
  root: ELECTRON,
  publicDir: false,
  // Plain JavaScript that every start needs: found at once inside the bundle instead of file by file.
  ssr: { noExternal: ['hono', '@hono/node-server', 'zod', '@zip.js/zip.js'] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: path.join(ELECTRON, '..', 'out', 'electron'),
    emptyOutDir: true,
    rolldownOptions: {
      input: Object.fromEntries(
        ['main/main.ts', 'main/backend-entry.ts', 'cli/main.ts', ...workers].map((file) => [
          file === 'cli/main.ts' ? 'command-line' : path.basename(file, '.ts'),
          path.join(ELECTRON, file),
        ]),
      ),
      external: ['electron'],
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});
