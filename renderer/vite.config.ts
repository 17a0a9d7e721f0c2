// Builds the page into out/renderer: ES module workers, no inlined assets (the content security policy forbids data: scripts).
import react from '@vitejs/plugin-react';
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
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
