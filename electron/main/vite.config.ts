// Bundles main, the backend's process, the command line and the browser shell into out/electron. Installed packages stay outside
// the bundle, for native parts and workers are found beside their own files.
import { globSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const ELECTRON = path.join(import.meta.dirname, '..');
const workers = globSync('backend/**/*.worker.ts', { cwd: ELECTRON });

/**
 * Node's modules that an `import` makes slow: it reads every property, and behind those of these few lie fetch's whole client and all
 * root certificates (0.1 s of a start). Asked for as what they are, they cost a tenth of it; what is behind a getter has no name here.
 */
const SLOW = /^node:(https?|http2|tls)$/;
const withoutGetters: Plugin = {
  name: 'without-getters',
  enforce: 'pre',
  resolveId: (id) => (SLOW.test(id) ? `\0${id}` : undefined),
  load(id) {
    if (!SLOW.test(id.slice(1))) return undefined;
    const properties = Object.getOwnPropertyDescriptors(process.getBuiltinModule(id.slice(1)) as object);
    const names = Object.entries(properties).flatMap(([name, property]) => ('value' in property ? [name] : []));
    return `const all = process.getBuiltinModule('${id.slice(1)}'); export default all; export const { ${names.join(', ')} } = all;`;
  },
};

export default defineConfig({
  root: ELECTRON,
  plugins: [withoutGetters],
  publicDir: false,
  // Plain JavaScript that every start needs: found at once inside the bundle instead of file by file.
  ssr: { noExternal: ['hono', '@hono/node-server', 'zod', '@zip.js/zip.js'] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: path.join(ELECTRON, '..', 'out', 'electron'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        main: path.join(ELECTRON, 'main/main.ts'),
        'backend-entry': path.join(ELECTRON, 'main/backend-entry.ts'),
        'command-line': path.join(ELECTRON, 'cli/main.ts'),
        'browser-shell': path.join(ELECTRON, 'browser-shell/main.ts'),
        ...Object.fromEntries(workers.map((file) => [path.basename(file, '.ts'), path.join(ELECTRON, file)])),
      },
      external: ['electron', 'vite'],
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});
