// Closing a pool that is at work: in a process of its own, since what goes wrong is how that one ends.
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs a module that has a pool of one worker, whose code is `worker`; gives exit code and output. */
function run(worker: string, main: string): Promise<{ code: number; out: string }> {
  const pool = new URL('worker-pool.ts', import.meta.url).href;
  const script = `
    import { WorkerPool } from ${JSON.stringify(pool)};
    const entry = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(`
      import { parentPort } from 'node:worker_threads';
      const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end;); };
      parentPort.on('message', ({ id, call }) => { ${worker} });`)}));
    const pool = new WorkerPool({ entry, size: 1, workerData: {}, callTimeoutMs: 60000, closeTimeoutMs: 300, maxHeapMb: 64 });
    const answer = pool.call({ kind: 'work' }).catch((error) => error.name);
    ${main}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: out + err }),
    );
  });
}

test('a reply that arrives while the pool closes does not let the process run out of work', async () => {
  const { code, out } = await run(
    `parentPort.postMessage({ id, answer: 1 }); busy(500);`,
    `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await pool.close();
    console.log('closed', await answer);`,
  );
  expect({ code, out }).toEqual({ code: 0, out: 'closed 1\n' });
});

test('what is under way is waited for, nothing new is begun', async () => {
  const { code, out } = await run(
    `busy(100); parentPort.postMessage({ id, answer: 'done' });`,
    `const closing = pool.close();
    const late = await pool.call({ kind: 'work' }).catch((error) => error.name);
    await closing;
    console.log(await answer, late);`,
  );
  expect({ code, out }).toEqual({ code: 0, out: 'done WorkerLost\n' });
});

test('what does not end is given up', async () => {
  const { code, out } = await run(`for (;;);`, `await pool.close(); console.log(await answer);`);
  expect({ code, out }).toEqual({ code: 0, out: 'WorkerLost\n' });
});
