// What the network benches share: our command line as users run it on a fresh data folder, the peers' servers and data, and one
// round of each side in turn. The time of ours is that of the whole process: starting, unlocking, ending included.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../support/lectern.ts';
import {
  alternate,
  benchFolder,
  dataSet,
  loadFigures,
  median,
  needPeers,
  PEERS,
  PEERS_HOME,
  print,
  type Figures,
} from './measure.ts';

const ENTRY = path.join(ROOT, 'electron', 'cli', 'lectern.mjs');
export const SET = process.env['BENCH_SET'] ?? 'ct2000';
/** BENCH_CONNECTIONS at a time instead of the usual number, for nodes that are added. */
export const CONNECTIONS = process.env['BENCH_CONNECTIONS'] ? ['--connections', process.env['BENCH_CONNECTIONS']] : [];
export const portOf = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

const environment = (folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  LECTERN_KEYS: path.join(folder, 'keys'),
});
const argumentsFor = (folder: string, args: readonly string[]): string[] => [
  ENTRY,
  '--data',
  path.join(folder, 'data'),
  ...args,
];

/** Runs a command to its end; its stdout. Throws unless it exits with 0. */
export function lectern(folder: string, ...args: string[]): string {
  const done = spawnSync(process.execPath, argumentsFor(folder, args), {
    env: environment(folder),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (done.status !== 0) throw new Error(`lectern ${args.join(' ')}: ${done.status} ${done.stderr}`);
  return done.stdout;
}

export interface Receiver {
  port: number;
  /** Ends it; gives its peak memory in MB. */
  stop(): Promise<number>;
}

export async function startReceiver(folder: string): Promise<Receiver> {
  const child = spawn(process.execPath, argumentsFor(folder, ['scp', '--aet', 'LECTERN', '--port', '0']), {
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  lines.on('line', () => undefined);
  const { port } = JSON.parse(line) as { port: number };
  return {
    port,
    stop: async () => {
      const status = fs.readFileSync(`/proc/${child.pid}/status`, 'latin1');
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
    },
  };
}

export function peer(script: string, ...args: string[]): void {
  execFileSync(path.join(PEERS, script), args, { stdio: 'ignore' });
}

const INTO_ORTHANC = ['orthanc-dimse', 'orthanc-rest'];

/** An Orthanc that holds nothing, without deletions (benchFolder). The next figure that needs it starts it. */
export function setAsideOrthanc(): void {
  peer('orthanc.sh', 'stop');
  const data = path.join(PEERS_HOME, 'orthanc', 'db');
  if (fs.existsSync(data)) fs.renameSync(data, path.join(benchFolder(), 'orthanc'));
}

/** StudyInstanceUID of the set. */
export function studyOf(set: string): string {
  const list = execFileSync('/usr/bin/python3', [path.join(PEERS, 'data.py'), '--list'], { encoding: 'utf8' });
  const line = list.split('\n').find((each) => each.includes(`"${set}"`)) ?? '{}';
  return (JSON.parse(line) as { study: string }).study;
}

export const countOf = (set: string): number =>
  fs.readdirSync(dataSet(set), { recursive: true }).filter((name) => String(name).endsWith('.dcm')).length;

/** Seconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Seconds that DCMTK's sender takes for the whole set. */
export function storescu(port: number, ...options: string[]): Promise<number> {
  return timed(async () => {
    const sender = spawn(
      'storescu',
      [...options, '-aec', 'LECTERN', '+sd', '+r', '127.0.0.1', String(port), fs.realpathSync(dataSet(SET))],
      { env: { ...process.env, TCP_NODELAY: '1' }, stdio: 'ignore' },
    );
    const [status] = (await once(sender, 'exit')) as [number | null];
    if (status !== 0) throw new Error(`storescu ended with ${status}`);
  });
}

/** Throws unless the archive holds the whole set, whole. */
export function checkArchive(folder: string, set: string): void {
  const { checked, damaged } = JSON.parse(lectern(folder, 'verify', '--json')) as {
    checked: number;
    damaged: unknown[];
  };
  if (checked !== countOf(set) || damaged.length)
    throw new Error(`${checked} of ${countOf(set)}, ${damaged.length} damaged`);
}

/** Runs a bench of `ours` against figures of the peers; prints the ratio of rates to each. */
export async function compare(
  bench: string,
  ours: (folder: string) => Promise<number>,
  peers: Record<string, string>,
  prepare: (figures: Figures) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  needPeers(bench, dataSet(SET));
  const figures = await loadFigures();
  await prepare(figures);
  const sides: Record<string, () => Promise<number>> = {
    lectern: () => ours(benchFolder()),
  };
  for (const [side, figure] of Object.entries(peers))
    sides[side] = async () => {
      if (INTO_ORTHANC.includes(figure)) setAsideOrthanc();
      return (await figures.runFigure(figure, { set: SET, runs: 1 })).seconds.median;
    };
  const values = await alternate(sides);
  await figures.stopServers();
  const rates = Object.fromEntries(
    Object.keys(peers).map((side) => [
      `rateAgainst_${side}`,
      Number((median(values[side] ?? []) / median(values['lectern'] ?? [])).toFixed(2)),
    ]),
  );
  print(bench, values, 's', { set: SET, ...rates });
}
