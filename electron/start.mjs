#!/usr/bin/env node
// What `npm start` runs: plain JavaScript without dependencies. Installs, builds what is stale, picks the shell: Electron
// where its runtime can be had and reports ready, else the browser shell with one line why.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nodeEntry, prepareCheckout, projectNode, ROOT, runWithStarter } from './checkout.mjs';

const HELP = `usage: npm start -- [--shell browser|electron] [--data DIR] [--port N] [--demo|--no-demo] [--no-open] [--dev]
  --shell     which shell; without it Electron where it runs, else the browser shell
  --data DIR  the data folder (else LECTERN_DATA, else the user's own)
  --port N    port of the browser shell on 127.0.0.1 (else a free one)
  --demo      fill the archive with synthetic demo studies even if it is not empty; --no-demo: never
  --no-open   do not open a browser
  --dev       browser shell with hot reload of the page
`;
const READY_WITHIN_MS = 30_000;

const say = (text) => process.stderr.write(`${text}\n`);

function parse(argv) {
  const options = { shell: undefined, passed: [] };
  for (let i = 0; i < argv.length; i++) {
    const [name, inline] = argv[i].split(/=(.*)/s);
    const value = () => {
      const given = inline ?? argv[++i];
      if (given === undefined) fail(`${name} needs a value.`, 2);
      return given;
    };
    if (name === '--help' || name === '-h') {
      process.stdout.write(HELP);
      process.exit(0);
    } else if (name === '--shell') {
      options.shell = value();
      if (!['browser', 'electron'].includes(options.shell)) fail('--shell is browser or electron.', 2);
    } else if (name === '--data' || name === '--port') options.passed.push(name, value());
    else if (['--demo', '--no-demo', '--no-open', '--dev'].includes(name)) options.passed.push(name);
    else fail(`There is no option ${name}; see --help.`, 2);
  }
  const at = options.passed.lastIndexOf('--data');
  if (at >= 0 ? options.passed[at + 1] === '' : process.env.LECTERN_DATA === '')
    fail(`${at >= 0 ? '--data' : 'LECTERN_DATA'} is empty: it is to name a folder.`, 2);
  return options;
}

function fail(sentence, code = 1) {
  say(`lectern: ${sentence}`);
  process.exit(code);
}

/** Address of Electron's runtime, fetched once if need be; a sentence why not otherwise. */
function electronRuntime() {
  const folder = path.join(ROOT, 'node_modules', 'electron');
  if (!fs.existsSync(path.join(folder, 'package.json'))) return { why: 'the electron package is not installed' };
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const found = () => {
    const dist = own ?? path.join(folder, 'dist');
    const name =
      { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';
    const file = path.join(dist, name);
    return fs.existsSync(file) ? file : undefined;
  };
  if (found()) return { file: found() };
  const installer = path.join(folder, 'install.js');
  if (fs.existsSync(installer)) {
    say('Fetching the Electron runtime (once)...');
    spawnSync(projectNode(), [installer], { cwd: folder, stdio: 'ignore', timeout: 120_000 });
  }
  return found() ? { file: found() } : { why: 'the Electron runtime could not be fetched' };
}

/** Runs Electron; resolves to why it is no use, or to undefined when it ran and was closed by the person. */
function runElectron(file, passed) {
  return new Promise((resolve) => {
    const child = spawn(file, [ROOT, ...passed], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    let isReady = false;
    const timer = setTimeout(() => {
      child.kill();
      resolve('Electron did not report ready within 30 s');
    }, READY_WITHIN_MS);
    child.on('message', (message) => {
      if (message !== 'ready') return;
      isReady = true;
      clearTimeout(timer);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(`Electron did not start: ${error.message}`);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (isReady && code === 0) resolve(undefined);
      else
        resolve(
          `Electron ended ${signal ? `by ${signal}` : `with code ${code}`}${isReady ? '' : ' before it was ready'}`,
        );
    });
  });
}

async function main() {
  const { shell, passed } = parse(process.argv.slice(2));
  prepareCheckout();
  const isDev = passed.includes('--dev');
  if (!isDev) {
    const built = spawnSync(projectNode(), [path.join(ROOT, 'electron', 'build.mjs'), '--if-stale'], {
      stdio: ['ignore', 2, 2],
    });
    if (built.status !== 0) fail('The build failed: see above.');
  }
  if (shell !== 'browser' && !isDev) {
    const runtime = electronRuntime();
    const why = runtime.file ? await runElectron(runtime.file, passed) : runtime.why;
    if (why === undefined) return;
    say(`${why}; using the browser shell.`);
  }
  runWithStarter(projectNode(), [
    '--disable-warning=ExperimentalWarning',
    nodeEntry('browser-shell.mjs', 'browser-shell/main.ts'),
    ...passed,
  ]);
}

main().catch((error) => fail(error instanceof Error ? error.message : String(error)));
