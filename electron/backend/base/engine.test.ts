import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** A module whose `run` calls each of its imports 1200 times; import k takes k + 1 numbers, so each has a wrapper of its own. */
function importingModule(imports: number): number[] {
  const section = (id: number, ...items: number[][]): number[] => [id, ...counted([items.length, ...items.flat()])];
  const counted = (bytes: number[]): number[] => [(bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
  const each = Array.from({ length: imports }, (_, k) => k);
  const [i32, local, loop, get, set, tee, call, branchIf, end] = [0x7f, 1, 0x03, 0x20, 0x21, 0x22, 0x10, 0x0d, 0x0b];
  const calls = each.map((k) => [
    [get, 0, set, local, loop, 0x40],
    Array.from({ length: k + 1 }, () => [get, 0]),
    [call, k, get, local, 0x41, 1, 0x6b, tee, local, branchIf, 0, end],
  ]);
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return [
    ...header,
    ...section(1, ...each.map((k) => [0x60, k + 1, ...each.slice(0, k + 1).map(() => i32), 0])),
    ...section(2, ...each.map((k) => [1, 0x6d, 1, 0x66, 0, k])),
    ...section(3, [0]),
    ...section(7, [3, 0x72, 0x75, 0x6e, 0, imports]),
    ...section(10, counted([1, 1, i32, ...calls.flat(3), end])),
  ];
}

const twoWorkersAtOnce = `
import { isMainThread, Worker } from 'node:worker_threads';
if (isMainThread) {
  const { setEngine } = await import(${JSON.stringify(new URL('engine.ts', import.meta.url).href)});
  setEngine();
  for (let i = 0; i < 2; i++) new Worker(new URL('data:text/javascript,' + encodeURIComponent(process.env.SOURCE)));
} else {
  const bytes = Uint8Array.from(${JSON.stringify(importingModule(20))});
  // A function of its own, so that nothing of it is left for the collector to find.
  const once = () => new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f() {} } }).exports.run(1200);
  for (const until = performance.now() + 4000; performance.now() < until; gc()) once();
}`;

// Without the setting about half of the runs end in a few seconds.
test('two threads that call the same imports of WebAssembly do not end the process', { timeout: 120_000 }, async () => {
  const run = promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--input-type=module', '--eval', twoWorkersAtOnce],
    { env: { ...process.env, SOURCE: twoWorkersAtOnce }, timeout: 60_000 },
  );
  await expect(run).resolves.toMatchObject({ stderr: '' });
});
