// Builds the page into out/renderer: ES module workers, no inlined assets (the content security policy forbids data: scripts).
import react from '@vitejs/plugin-react';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Scripts in one-byte characters: with a single other one the engine keeps the whole text, of megabytes, at twice its size.
 * An escape means the same in strings, templates and expressions; nothing here uses `String.raw`. */
const oneByteScripts: Plugin = {
  name: 'one-byte-scripts',
  enforce: 'post',
  generateBundle: (_, bundle) => {
    for (const chunk of Object.values(bundle))
      if (chunk.type === 'chunk')
        chunk.code = chunk.code.replace(
          /[^\0-\xff]/g,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), oneByteScripts],
  // A dependency of Cornerstone's that reads Node globals when loaded; the page writes no XML.
  resolve: { alias: { xmlbuilder2: path.join(import.meta.dirname, 'imaging', 'cornerstone', 'no-xml.ts') } },
  worker: { format: 'es' },
  build: {
    outDir: path.join(import.meta.dirname, '..', 'out', 'renderer'),
    emptyOutDir: true,
    target: 'esnext',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
  },
});
