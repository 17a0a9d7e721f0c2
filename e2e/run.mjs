// What `npm test`, `npm run check` and `npm run bench` run: plain JavaScript that sets everything up by itself (packages,
// and Debian's where apt and root allow), runs the suites and ends with one line over all of them.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { COMPILED, prepareCheckout, projectNode, ROOT } from '../electron/checkout.mjs';

const DEBIAN_PACKAGES = [
  'orthanc',
  'orthanc-dicomweb',
  'dcmtk',
  'libgdcm-tools',
  'dicom3tools',
  'python3-pydicom',
  'python3-numpy',
  'xorriso',
  'genisoimage',
  'chromium',
  'curl',
  'openssl',
];
const bin = (name) => path.join(ROOT, 'node_modules', name);
const BINARIES = path.join(ROOT, 'node_modules', '.bin');

/** Runs a command with the project's Node first on the PATH; resolves to its exit code and output. */
function run(command, args, { capture = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
      env: {
        ...process.env,
        UV_THREADPOOL_SIZE: '16',
        ...env,
        PATH: `${path.dirname(projectNode())}${path.delimiter}${BINARIES}${path.delimiter}${process.env.PATH}`,
      },
    });
    let output = '';
    child.stdout?.on('data', (data) => {
      output += data;
      process.stdout.write(data);
    });
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
const node = (script, args, options) => run(projectNode(), [script, ...args], options);

/** Debian's packages that the interop and end-to-end suites use; where they cannot be had, those suites say "skipped". */
function installPeers() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || spawnSync('which', ['apt-get']).status !== 0) return;
  const missing = DEBIAN_PACKAGES.filter(
    (name) =>
      spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' }).stdout !== 'installed',
  );
  if (!missing.length) return;
  console.log(`Installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  apt('update');
  if (apt('install', '-y', '--no-install-recommends', ...missing).status !== 0)
    console.log('Not all packages could be installed; suites that need them will be skipped.');
}

/** Brings out/ up to date; whether that could be done. */
const build = async () => (await node(path.join(ROOT, 'electron', 'build.mjs'), ['--if-stale'])).code === 0;

const LAYERS = ['shared', 'electron', 'electron/preload', 'renderer', 'e2e'];

/** Formatting, types layer by layer, lint. Resolves to the number of steps that passed and failed. */
async function check() {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const step = async (name, work) => {
    const { code, output } = await work();
    tally[code === 0 ? 'passed' : 'failed']++;
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}${code === 0 ? '' : `\n${output}`}`);
  };
  for (const layer of LAYERS) await step(`types: ${layer}`, () => run(path.join(BINARIES, 'tsc'), ['-p', layer]));
  await step('lint', () =>
    run(path.join(BINARIES, 'oxlint'), ['--type-aware', '--deny-warnings', 'shared', 'electron', 'renderer', 'e2e']),
  );
  await step('format', () => run(path.join(BINARIES, 'prettier'), ['--check', '--log-level', 'warn', '.']));
  return tally;
}

async function unit(patterns = []) {
  const report = path.join(os.tmpdir(), `lectern-vitest-${process.pid}.json`);
  const { code } = await node(
    bin('vitest/vitest.mjs'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...patterns],
    { env: { NODE_COMPILE_CACHE: COMPILED } },
  );
  const counted = readJson(report);
  fs.rmSync(report, { force: true });
  if (!counted) return { passed: 0, failed: 1, skipped: 0 };
  const failed =
    counted.numFailedTests +
    (counted.numFailedTestSuites > 0 && counted.numFailedTests === 0 ? counted.numFailedTestSuites : 0);
  return {
    passed: counted.numPassedTests,
    failed: failed || (code === 0 ? 0 : 1),
    skipped: counted.numPendingTests + (counted.numTodoTests ?? 0),
  };
}

async function endToEnd(folders = []) {
  if (!folders.includes('electron/') && !fs.existsSync('/usr/bin/chromium') && !process.env.CHROMIUM) {
    console.log('skipped: end-to-end specs (no Chromium)');
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (!(await build())) return { passed: 0, failed: 1, skipped: 0 };
  const report = path.join(os.tmpdir(), `lectern-playwright-${process.pid}.json`);
  const { code } = await node(
    bin('@playwright/test/cli.js'),
    ['test', '--config', 'e2e/playwright.config.ts', ...folders],
    {
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report, NODE_COMPILE_CACHE: COMPILED },
    },
  );
  const stats = readJson(report)?.stats;
  fs.rmSync(report, { force: true });
  if (!stats) return { passed: 0, failed: 1, skipped: 0 };
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected || (code === 0 ? 0 : 1),
    skipped: stats.skipped,
  };
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function bench(names) {
  const folder = path.join(ROOT, 'e2e', 'bench');
  const known = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.bench.ts'))
    .map((name) => name.replace('.bench.ts', ''));
  if (!names.length) {
    console.log(`usage: npm run bench -- NAME...\nbenches: ${known.join(' ')}`);
    return 2;
  }
  if (!(await build())) return 1;
  for (const name of names) {
    if (!known.includes(name)) {
      console.error(`There is no bench ${name}; there are: ${known.join(' ')}`);
      return 2;
    }
    const { code } = await node('--disable-warning=ExperimentalWarning', [path.join(folder, `${name}.bench.ts`)]);
    if (code !== 0) return code;
  }
  return 0;
}

const add = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });
const [what = 'all', ...rest] = process.argv.slice(2);
prepareCheckout();
if (what === 'bench') process.exit(await bench(rest));
let tally = { passed: 0, failed: 0, skipped: 0 };
// Suites that start Lectern start what was built, as a person does.
if (what === 'all') {
  installPeers();
  if (!(await build())) tally.failed++;
}
if (what === 'all' || what === 'check') tally = add(tally, await check());
if (what === 'all' || what === 'check' || what === 'unit')
  tally = add(
    tally,
    await unit(what === 'unit' ? rest : what === 'check' ? ['shared', 'electron', 'renderer', 'e2e/checks'] : rest),
  );
if (what === 'all' || what === 'e2e') tally = add(tally, await endToEnd(what === 'e2e' ? rest : []));
if (what === 'electron') tally = add(tally, await endToEnd(['electron/']));
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(tally.failed > 0 || tally.passed === 0 ? 1 : 0);
