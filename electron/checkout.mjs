// Sets up a fresh checkout: installs the packages when they are absent or stale, and finds the project's own Node 24.
// Plain JavaScript without dependencies, for any Node from 18 on.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Where Node keeps code it has compiled, and types it has stripped: starting takes half the time (0.6 s from source, 0.3 s). */
export const COMPILED = path.join(ROOT, 'out', 'compiled');
const MARK = path.join(ROOT, 'node_modules', '.lectern-installed');

/** Node 24 of the `node` package; the running one where that package is absent but new enough. */
export function projectNode() {
  const own = path.join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return fs.existsSync(own) ? own : process.execPath;
}

function lockDigest() {
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', 'package.json']) hash.update(fs.readFileSync(path.join(ROOT, name)));
  return hash.digest('hex');
}

/** Whether npm's own account of node_modules, which it writes last, names the versions of package-lock.json: by hand it serves too. */
function isInstalledByHand() {
  const account = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(account)) return false;
  const packagesOf = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  const there = packagesOf(account);
  return Object.entries(packagesOf(path.join(ROOT, 'package-lock.json'))).every(
    ([place, { version, optional }]) => place === '' || optional || there[place]?.version === version,
  );
}

/** Installs what package-lock.json names, once per state of that file. `quiet`: nothing on stdout. Throws a sentence. */
export function prepareCheckout({ quiet = false } = {}) {
  checkCurrentFolder();
  if (!fs.existsSync(path.join(ROOT, 'package-lock.json'))) return;
  const digest = lockDigest();
  const isInstalled = () => fs.existsSync(MARK) && fs.readFileSync(MARK, 'utf8') === digest;
  if (isInstalled()) return;
  const endTurn = takeTurn('installing');
  try {
    if (isInstalled()) return;
    if (!isInstalledByHand()) {
      process.stderr.write('Installing packages (once)...\n');
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: ROOT,
        stdio: ['ignore', quiet ? 'ignore' : 2, 2],
        shell: process.platform === 'win32',
        env: { ...process.env, NODE_ENV: 'development' },
      });
      if (done.status !== 0) throw new Error('npm ci failed: see above; is the npm registry reachable?');
    }
    checkNode();
    fs.writeFileSync(MARK, digest);
  } finally {
    endTurn();
  }
}

/** Waits until no other process of this checkout does `what` (nothing that a killed one left is waited for); what ends our turn. */
export function takeTurn(what) {
  fs.mkdirSync(path.join(ROOT, 'out'), { recursive: true });
  const lock = path.join(ROOT, 'out', `.${what}`);
  let isTold = false;
  while (!takeLock(lock)) {
    if (!isTold) process.stderr.write(`Another command is ${what} (${lock}): waiting for it...\n`);
    isTold = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  return () => fs.rmSync(lock, { force: true });
}

/** Makes the lock, which holds this process's number from its first moment. False while a process that lives has it. */
function takeLock(lock) {
  const own = `${lock}.${process.pid}`;
  fs.writeFileSync(own, String(process.pid));
  try {
    fs.linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
  try {
    process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
  } catch (error) {
    if (error.code === 'ESRCH') fs.rmSync(lock, { force: true });
    if (error.code === 'ESRCH' || error.code === 'ENOENT') return takeLock(lock);
  }
  return false;
}

/** Throws a sentence where the folder that the person stands in was removed: nothing starts from there. */
function checkCurrentFolder() {
  try {
    process.cwd();
  } catch {
    throw new Error('The current folder is not there any more: change to another one, then try again.');
  }
}

/** Throws a sentence unless a Node that is new enough answers. */
function checkNode() {
  const version = execFileSync(projectNode(), ['--version'], { encoding: 'utf8' }).trim();
  if (Number(version.slice(1).split('.')[0]) < 24) {
    throw new Error(
      `Node 24 is needed but ${version} answers: the "node" package was not installed whole. Delete node_modules and run npm ci with install scripts allowed.`,
    );
  }
}

/** Parent of a process on Linux; undefined elsewhere or when it has gone. */
function parentOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()?.split(' ')[1];
  } catch {
    return undefined;
  }
}

const BUILT_MARK = path.join(ROOT, 'out', '.built');
const SOURCES = ['renderer', 'shared', 'resources', 'electron', 'package-lock.json'];

function newest(entry) {
  const stat = fs.statSync(entry, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return fs
    .readdirSync(entry)
    .filter((name) => name !== 'node_modules')
    .reduce((latest, name) => Math.max(latest, newest(path.join(entry, name))), stat.mtimeMs);
}

/** Whether out/ was built from these sources; `among` narrows to those that matter. */
export function isBuilt(among = SOURCES) {
  const built = fs.statSync(BUILT_MARK, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > 0 && among.every((name) => newest(path.join(ROOT, name)) <= built);
}

/** What runs on the Node side: a file of out/electron where that was built from these sources, or nothing else is there (a package),
 * else its source below electron/. */
export function nodeEntry(built, source) {
  const [file, origin] = [path.join(ROOT, 'out', 'electron', built), path.join(ROOT, 'electron', source)];
  return fs.existsSync(file) && (!fs.existsSync(origin) || isBuilt(['shared', 'electron'])) ? file : origin;
}

/** Says that out/ holds what the sources were at `startedMs`. */
export function markBuilt(startedMs) {
  fs.writeFileSync(BUILT_MARK, '');
  fs.utimesSync(BUILT_MARK, new Date(startedMs), new Date(startedMs));
}

/** Calls `end` when npm, or the shell that npm put between, has gone: neither passes signals on. */
export function watchStarter(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const starter = process.ppid;
  const above = parentOf(starter);
  setInterval(() => {
    if (process.ppid !== starter || parentOf(starter) !== above) end();
  }, 200).unref();
}

/** Runs a command in this process's place: its output, signals and exit code are ours. */
export function runWithStarter(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { UV_THREADPOOL_SIZE: '16', NODE_COMPILE_CACHE: COMPILED, ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
  watchStarter(() => child.kill('SIGTERM'));
}
