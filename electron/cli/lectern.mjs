#!/usr/bin/env node
// What `lectern` runs: plain JavaScript without dependencies. Sets a fresh checkout up, then hands over to the command line
// (built, or its source) under the Node that the project ships. Nothing but the answer goes to stdout.
import { prepareCheckout, projectNode, ROOT, runWithStarter } from '../checkout.mjs';
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
runWithStarter(projectNode(), ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)]);
