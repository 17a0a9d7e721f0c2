// Pools whose workers hang, die or are at work when they are closed: in processes of their own, since what goes wrong is how those end.
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs a module that has a pool of one worker, whose code is `worker`; gives exit code and output. A call is made already: `answer`. */
function run(worker: string, main: string, options = ''): Promise<{ code: number; out: string }> {
  const [pool, signs] = ['worker-pool.ts', 'signs.ts'].map((name) => new URL(name, import.meta.url).href);
  const script = `
    import { WorkerPool } from ${JSON.stringify(pool)};
    const entry = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(`
      import { parentPort } from 'node:worker_threads';
      import { alone, step, underBlame } from ${JSON.stringify(signs)};
      const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end;); };
      parentPort.on('message', ({ id, call }) => { ${worker} });`)}));
    const pool = new WorkerPool({ entry, size: 1, workerData: {}, patienceMs: 60000, closeTimeoutMs: 300, maxHeapMb: 64, ${options} });
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

const patience = 'patienceMs: 1000, isRepeatable: ({ kind }) => kind !== "held"';
const told = `(error) => [error.name, error.isBystander].join(' ')`;

test('a long call that makes steps is no hung one', async () => {
  const { out } = await run(
    `for (let at = 0; at < 25; at++) { busy(100); step(); } parentPort.postMessage({ id, answer: 'done' });`,
    `console.log(await answer); await pool.close();`,
    patience,
  );
  expect(out).toBe('done\n');
});

test('a call that hangs fails alone: what waited is done by another worker, what cannot be is told apart', async () => {
  const { out } = await run(
    `underBlame(id, () => { if (call.kind === 'hang') for (;;); }); parentPort.postMessage({ id, answer: call.kind });`,
    `await answer;
    const calls = ['hang', 'file', 'held', 'digest'].map((kind) => pool.call({ kind }).catch(${told}));
    console.log((await Promise.all(calls)).join(', ')); await pool.close();`,
    patience,
  );
  expect(out).toBe('WorkerLost false, file, WorkerLost true, digest\n');
});

test('a worker that dies under one call takes none with it; one that nobody is to blame for is tried three times', async () => {
  const { out } = await run(
    `underBlame(id, () => { if (call.kind === 'die') process.exit(); });
    if (call.kind === 'die later') { console.log('dies'); setTimeout(() => process.exit(), 1); }
    else parentPort.postMessage({ id, answer: call.kind });`,
    `const all = (...kinds) => Promise.all(kinds.map((kind) => pool.call({ kind }).catch(${told})));
    console.log(...(await all('die', 'file')), ...(await all('die later'))); await pool.close();`,
    patience,
  );
  expect(out).toBe('dies\ndies\ndies\nWorkerLost false file WorkerLost false\n');
});

test('calls that must not wait have workers of their own', async () => {
  const { out } = await run(
    `if (call.kind === 'hang') for (;;); parentPort.postMessage({ id, answer: call.kind });`,
    `await answer;
    for (let count = 0; count < 4; count++) pool.call({ kind: 'hang' }).catch(() => undefined);
    console.log(await pool.call({ kind: 'arrival' }, { slot: pool.pickReserved() })); await pool.close();`,
    'size: 3, reserved: 1',
  );
  expect(out).toBe('arrival\n');
});

test('what takes much memory runs in one worker at a time, also after one that ended while it did', async () => {
  const { code, out } = await run(
    `if (call.kind === 'work') alone(() => process.exit(1));
    else {
      const at = new Int32Array(call.at);
      alone(() => {
        const now = Atomics.add(at, 0, 1) + 1;
        if (now > Atomics.load(at, 1)) Atomics.store(at, 1, now);
        busy(100);
        Atomics.sub(at, 0, 1);
      });
      parentPort.postMessage({ id, answer: 'done' });
    }`,
    `const at = new SharedArrayBuffer(8);
    console.log(await answer);
    console.log(...await Promise.all([0, 1, 2].map((slot) => pool.call({ kind: 'big', at }, { slot }))));
    console.log('most at a time', new Int32Array(at)[1]);
    await pool.close();`,
    'size: 3',
  );
  expect({ code, out }).toEqual({ code: 0, out: 'WorkerLost\ndone done done\nmost at a time 1\n' });
});
