// What all benches share: alternating runs, medians, one JSON line, the peers' scripts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../support/lectern.ts';

export const PEERS = path.resolve(ROOT, process.env['PEERS_DIR'] ?? path.join('..', 'shared', 'peers'));
export const PEERS_HOME = process.env['PEERS_HOME'] ?? path.join(os.homedir(), '.cache', 'lectern-peers');
export const RUNS = Number(process.env['BENCH_RUNS'] ?? 5);

/** Ends the bench with one line where the peers or their data are absent. */
export function needPeers(name: string, ...paths: string[]): void {
  const missing = [path.join(PEERS, 'figures.mjs'), ...paths].find((each) => !fs.existsSync(each));
  if (missing === undefined) return;
  console.log(
    JSON.stringify({ bench: name, skipped: `${missing} is absent: run setup.sh and data.py of the peers first` }),
  );
  process.exit(0);
}

export const dataSet = (name: string): string => path.join(PEERS_HOME, 'data', name);

export interface Figure {
  seconds: { median: number };
  MBps?: { median: number };
  filesPerSecond?: { median: number };
}
export interface Figures {
  runFigure(name: string, options: { set: string; runs: number }): Promise<Figure>;
  stopServers(): Promise<void>;
}
export const loadFigures = async (): Promise<Figures> => (await import(path.join(PEERS, 'figures.mjs'))) as Figures;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return value ?? Number.NaN;
}

const setAside: string[] = [];
process.on('exit', () => {
  for (const folder of setAside) fs.rmSync(folder, { recursive: true, force: true });
});

/** A new folder that goes when the bench ends. Not before, since ext4 looks at each inode that was freed in the last minutes before
 * it takes one (`recently_deleted`): after two thousand deletions a new file costs 1.3 ms of CPU, which is neither side's work. */
export function benchFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-bench-'));
  setAside.push(folder);
  return folder;
}

/** Spares the peers the same: what they received goes aside, where they would delete it before the next run. */
function setAsideReceived(): void {
  for (const name of ['work', path.join('dcmtk', 'received')]) {
    const folder = path.join(PEERS_HOME, name);
    if (!fs.existsSync(folder)) continue;
    const aside = fs.mkdtempSync(path.join(PEERS_HOME, 'aside-'));
    setAside.push(aside);
    fs.renameSync(folder, path.join(aside, 'received'));
    fs.mkdirSync(folder);
  }
}

/** Runs the sides one after the other, so many rounds; a first round warms up and is not counted. */
export async function alternate<Side extends string>(
  sides: Record<Side, () => Promise<number>>,
  runs = RUNS,
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, number[]>;
  for (let run = 0; run <= runs; run++) {
    for (const name of names) {
      setAsideReceived();
      const value = await sides[name]();
      if (run > 0) values[name].push(value);
    }
  }
  return values;
}

const round = (value: number): number => Number(value.toPrecision(3));

export function print(
  bench: string,
  values: Record<string, readonly number[]>,
  unit: string,
  more: Record<string, unknown>,
): void {
  const medians = Object.fromEntries(
    Object.entries(values).map(([name, all]) => [
      name,
      { median: round(median(all)), min: round(Math.min(...all)), max: round(Math.max(...all)) },
    ]),
  );
  console.log(JSON.stringify({ bench, unit, runs: Object.values(values)[0]?.length ?? 0, ...medians, ...more }));
}
