#!/usr/bin/env node
// What `lectern` runs: plain JavaScript without dependencies. Sets a fresh checkout up, then runs the command line (built where
// the build is fresh, else its source) under the Node that the project ships: in this process where it is that Node already.
// Nothing but the answer goes to stdout.
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { COMPILED, nodeEntry, prepareCheckout, projectNode, runWithStarter, watchStarter } from '../checkout.mjs';

try {
  prepareCheckout({ quiet: true });
} catch (error) {
  process.stderr.write(`lectern: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
const entry = nodeEntry('command-line.mjs', 'cli/main.ts');
const isOurNode = process.execPath === projectNode() || process.versions.node.split('.')[0] >= '24';
if (isOurNode) {
  process.env.UV_THREADPOOL_SIZE ??= '16';
  // Compiled code is kept beside the build: a command is mostly starting.
  if (!entry.endsWith('.ts')) module.enableCompileCache(COMPILED);
  process.removeAllListeners('warning');
  watchStarter(() => process.kill(process.pid, 'SIGTERM'));
  await import(pathToFileURL(entry).href);
} else runWithStarter(projectNode(), ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)]);
