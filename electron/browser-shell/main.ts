// The browser shell: backend and page on one loopback address, opened in the person's browser. For machines without
// Electron, for development and for tests; the same page and the same backend as under Electron.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { parseArguments, UsageError } from '../cli/arguments.ts';
import { givenPassphrase } from '../cli/call-passphrases.ts';
import { currentFolder } from '../cli/current-folder.ts';
import { endWithStarter } from '../cli/end-with-starter.ts';
import { dataFolder, openLocalBackend, serveOnLoopback } from '../cli/open-backend.ts';
import { staticFiles } from '#backend/static-files.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { devPage } from './dev-page.ts';

/** Below the ports that systems give out by themselves. */
const FIRST_USUAL_PORT = 20_000;
const USUAL_PORTS = 10_000;
const ROOT = path.join(import.meta.dirname, '..', '..');

/** Opens the address where there is a browser; a machine without one just has the printed line. */
function openBrowser(address: string): void {
  const [command, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  const child = spawn(command ?? 'xdg-open', [...before, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

async function main(argv: readonly string[]): Promise<void> {
  const { flags, values } = parseArguments(argv, {
    data: 'value',
    port: 'value',
    demo: 'flag',
    'no-demo': 'flag',
    'no-open': 'flag',
    dev: 'flag',
    'passphrase-file': 'value',
  });
  // Workers do not start without one.
  currentFolder();
  const port = Number(values.get('port') ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port is a number up to 65535.');
  const backend = await openLocalBackend(values.get('data'), givenPassphrase(values.get('passphrase-file')), {
    isResident: true,
  });
  const page = flags.has('dev')
    ? await devPage(ROOT)
    : { handle: staticFiles(path.join(ROOT, 'out', 'renderer')), close: () => Promise.resolve() };
  const server = await serveWhereBefore(backend, values.get('data'), port, page.handle);
  if (!flags.has('no-demo')) addDemoWhereEmpty(backend, flags.has('demo'));
  const address = server.invitation();
  process.stdout.write(`Lectern is at ${address}\n`);
  if (!flags.has('no-open')) openBrowser(address);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
    endWithStarter(resolve);
  });
  await server.close();
  await page.close();
  await backend.close();
}

/** A browser keeps a page's preferences by its address: without a chosen port the same one is tried at each start of this data
 * folder, and another only where it is taken. */
async function serveWhereBefore(
  backend: Awaited<ReturnType<typeof openLocalBackend>>,
  data: string | undefined,
  chosenPort: number,
  page: (request: Request) => Promise<Response>,
): ReturnType<typeof serveOnLoopback> {
  if (chosenPort !== 0) return serveOnLoopback(backend, data, { port: chosenPort, page });
  const digest = createHash('sha256').update(dataFolder(data)).digest();
  const usual = FIRST_USUAL_PORT + (digest.readUInt16BE(0) % USUAL_PORTS);
  return serveOnLoopback(backend, data, { port: usual, page }).catch((error: unknown) => {
    if (!(error instanceof LecternError) || error.code !== 'conflict') throw error;
    return serveOnLoopback(backend, data, { port: 0, page });
  });
}

function addDemoWhereEmpty(backend: Awaited<ReturnType<typeof openLocalBackend>>, isForced: boolean): void {
  try {
    if (isForced || backend.open().archive.index.totals().studies === 0) backend.addDemo();
  } catch (error) {
    if (!(error instanceof LecternError) || error.code !== 'archive-locked') throw error;
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lectern: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
process.exit();
