// `serve` from process start to the first answered query on an index of 1,000,000 instances; against the same on 2,000 (asked:
// at most 1.3x) and against Orthanc's start to its first answered query (asked: at most 0.7x).
//
// Found while tuning: from source 0.6 s, of which stripping types and finding 200 modules file by file was most; built, with
// the packages inside the bundle and compiled code kept, 0.12 s. What is left is Node itself (0.04 s) and zod's set-up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { hasOrthanc, startOrthanc } from '../support/peers.ts';
import { ROOT, temporaryFolder } from '../support/lectern.ts';
import { generateIndex } from './generate-index.ts';
import { alternate, median, print } from './measure.ts';

/** What the command `lectern` is; `npm run` before it is not counted. */
const ENTRY = path.join(ROOT, 'electron', 'cli', 'lectern.mjs');
const MANY = { studies: 20_000, instances: Number(process.env['BENCH_INSTANCES'] ?? 1_000_000) };
const FEW = { studies: 40, instances: 2000 };

async function start(folder: string, expected: number): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [ENTRY, '--data', path.join(folder, 'data'), 'serve'], {
    env: { ...process.env, LECTERN_KEYS: path.join(folder, 'keys') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { origin, token } = JSON.parse(line) as { origin: string; token: string };
  const answer = await fetch(`${origin}/api/dicomweb/studies?limit=25`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const rows = (await answer.json()) as unknown[];
  const seconds = (performance.now() - started) / 1000;
  if (rows.length !== expected) throw new Error(`${rows.length} rows instead of ${expected}`);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return seconds;
}

/** The peer's own configuration file, as its script writes it; its script's waiting is no part of the time. */
function configureOrthanc(): string | undefined {
  if (!hasOrthanc) return undefined;
  startOrthanc(PLACE).stop();
  return path.join(PLACE.home, 'orthanc', 'orthanc.json');
}

async function startPeer(config: string): Promise<number> {
  const started = performance.now();
  const child = spawn('/usr/sbin/Orthanc', [config], { stdio: 'ignore' });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${PLACE.firstPort}/dicom-web/studies?limit=25`).catch(() => undefined);
    if (answer?.ok) {
      await answer.text();
      break;
    }
    await delay(5);
  }
  const seconds = (performance.now() - started) / 1000;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return seconds;
}

const PLACE = { home: path.join(os.tmpdir(), `lectern-ready-${process.pid}`), firstPort: 45_600 };
const orthancConfig = configureOrthanc();
using many = temporaryFolder();
using few = temporaryFolder();
const generateSeconds = await generateIndex(many.path, MANY);
await generateIndex(few.path, FEW);
const sides: Record<string, () => Promise<number>> = {
  lectern: () => start(many.path, 25),
  small: () => start(few.path, 25),
};
if (orthancConfig !== undefined) sides['orthanc'] = () => startPeer(orthancConfig);
const values = await alternate(sides);
const [ours = [], small = [], peer] = ['lectern', 'small', 'orthanc'].map((name) => values[name]);
print('ready', values, 's', {
  instances: MANY.instances,
  generateSeconds: Math.round(generateSeconds),
  againstSmall: Number((median(ours) / median(small)).toFixed(2)),
  ...(peer && { againstOrthanc: Number((median(ours) / median(peer)).toFixed(2)) }),
});
