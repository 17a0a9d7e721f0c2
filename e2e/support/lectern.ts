// Starts Lectern's browser shell or command line on data folders of their own, and ends them.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILED, nodeEntry } from '../../electron/checkout.mjs';

export const ROOT = path.join(import.meta.dirname, '..', '..');
export const SAMPLES = path.resolve(ROOT, process.env['DICOM_SAMPLES'] ?? path.join('..', 'shared', 'samples'));
export const hasSamples = fs.existsSync(path.join(SAMPLES, 'MANIFEST.md'));
const NODE = path.join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const FLAGS = ['--disable-warning=ExperimentalWarning'];
// As a person's: built, where that is fresh.
const COMMAND_LINE = nodeEntry('command-line.mjs', 'cli/main.ts');
const BROWSER_SHELL = nodeEntry('browser-shell.mjs', 'browser-shell/main.ts');

const folders = new Set<string>();
process.once('exit', () => folders.forEach(remove));

function remove(folder: string): void {
  folders.delete(folder);
  fs.rmSync(folder, { recursive: true, force: true });
}

/** A folder that goes when the test ends, or the process. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-e2e-'));
  folders.add(folder);
  return { path: folder, [Symbol.dispose]: () => remove(folder) };
}

const environment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  LECTERN_KEYS: path.join(folder, 'keys'),
  UV_THREADPOOL_SIZE: '16',
  NODE_COMPILE_CACHE: COMPILED,
});

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the command line on the data folder `folder/data`. */
export async function runCli(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  const child = startCli(folder, args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export function startCli(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(NODE, [...FLAGS, COMMAND_LINE, '--data', path.join(folder, 'data'), ...args], {
    env: { ...environment(folder), ...env },
    // What reads it waits for its end.
    stdio: [args.some((argument) => argument.endsWith('-stdin')) ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
}

export interface Shell {
  /** Address with its one-time token. */
  invitation: string;
  stop(): Promise<void>;
}

/** Starts the browser shell on `folder/data`; resolves once it is reachable. */
export async function startShell(folder: string, args: readonly string[] = ['--no-demo']): Promise<Shell> {
  const child = spawn(NODE, [...FLAGS, BROWSER_SHELL, '--data', path.join(folder, 'data'), '--no-open', ...args], {
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/\S+/.exec(line)?.[0];
    if (address) return { invitation: address, stop };
  }
  throw new Error('the browser shell ended before it was reachable');
}
