// Bundles the bridge into one CommonJS file, the form that a sandboxed preload has. Runs after main's build.
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    ssr: true,
    target: 'node24',
    outDir: path.join(import.meta.dirname, '..', '..', 'out', 'electron'),
    emptyOutDir: false,
    rolldownOptions: {
      input: path.join(import.meta.dirname, 'preload.ts'),
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: 'preload.cjs' },
    },
  },
});
