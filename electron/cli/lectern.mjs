#!/usr/bin/env node
// What `lectern` runs: plain JavaScript without dependencies. Sets a fresh checkout up, then hands over to the command line
// (built, or its source) under the Node that the project ships. Nothing but the answer goes to stdout.
import { spawn } from 'node:child_process';
import { prepareCheckout, projectNode, ROOT } from '../checkout.mjs';
import fs from 'node:fs';
import path from 'node:path';

try {
  prepareCheckout({ quiet: true });
} catch (error) {
  process.stderr.write(`lectern: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
const built = path.join(ROOT, 'out', 'backend', 'cli.mjs');
const source = path.join(ROOT, 'electron', 'cli', 'main.ts');
const entry = fs.existsSync(source) ? source : built;
const child = spawn(projectNode(), ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
