import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { DirectBuffers } from './direct-file.ts';

let opened: number[] = [];
let refuses = false;
let keeps = false;
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const openSync = (file: string, flags: number, mode: number): number => {
    opened.push(flags & real.constants.O_DIRECT);
    const fd = real.openSync(file, flags, mode);
    if (!refuses || !(flags & real.constants.O_DIRECT)) return fd;
    // As older kernels do for files in memory: it is there, and refused.
    real.closeSync(fd);
    throw Object.assign(new Error('invalid argument'), { code: 'EINVAL' });
  };
  const removing = (remove: (file: string) => void) => (file: string) => {
    if (keeps) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
    remove(file);
  };
  const removals = { unlinkSync: removing(real.unlinkSync), rmSync: removing((file) => real.rmSync(file)) };
  return { ...real, default: { ...real, openSync, ...removals } };
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-direct-'));
afterAll(() => fs.promises.rm(folder, { recursive: true }));
const newPath = (): string => path.join(folder, randomBytes(8).toString('hex'));
const taken = (buffers: DirectBuffers): Buffer => {
  const buffer = buffers.take();
  randomBytes(buffer.length).copy(buffer);
  return buffer;
};

test.each([false, true])(
  'a file holds what was said, around the borders of blocks, from aligned and from plain buffers (refused: %s)',
  async (isRefused) => {
    refuses = isRefused;
    opened = [];
    const buffers = new DirectBuffers(20_000, 1);
    for (const buffer of [taken(buffers), taken(buffers)])
      for (const length of [1, 511, 512, 4095, 4096, 4097, 12_288, 20_000]) {
        const file = newPath();
        const fd = await buffers.writeNew(file, buffer, length);
        fs.fdatasyncSync(fd);
        fs.closeSync(fd);
        expect(fs.readFileSync(file).equals(buffer.subarray(0, length)), `${length} bytes`).toBe(true);
        expect(fs.statSync(file).mode & 0o777).toBe(0o600);
      }
    const { O_DIRECT } = fs.constants;
    // Refused once, it is not tried again; plain buffers never are written so.
    if (O_DIRECT !== undefined) expect(opened.filter((flag) => flag === O_DIRECT)).toHaveLength(isRefused ? 1 : 8);
    refuses = false;
  },
);

test('a file that is there already is left as it is', async () => {
  const file = newPath();
  fs.writeFileSync(file, 'of another');
  const buffers = new DirectBuffers(100, 1);
  await expect(buffers.writeNew(file, buffers.take(), 100)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(fs.readFileSync(file, 'utf8')).toBe('of another');
});

test('where writing fails no file is left', async () => {
  const file = newPath();
  // Nothing can be read from beyond the end of a buffer.
  const beyond = new DirectBuffers(4096, 0).writeNew(file, Buffer.allocUnsafeSlow(4096), 9000);
  await expect(beyond).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  expect(fs.existsSync(file)).toBe(false);
});

test('where no aligned memory can be had, plain buffers do', async () => {
  vi.stubGlobal('WebAssembly', {
    Memory: function none() {
      throw new RangeError('could not allocate memory');
    },
  });
  const buffers = new DirectBuffers(4096, 2);
  const buffer = taken(buffers);
  vi.unstubAllGlobals();
  const file = newPath();
  fs.closeSync(await buffers.writeNew(file, buffer, 4096));
  expect(fs.readFileSync(file).equals(buffer)).toBe(true);
});

test('what is told is why it was not written, not that it cannot be removed either', async () => {
  keeps = true;
  const beyond = new DirectBuffers(4096, 0).writeNew(newPath(), Buffer.allocUnsafeSlow(4096), 9000);
  await expect(beyond).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  keeps = false;
});

test('where writing fails another file that has taken the name is left as it is', async () => {
  const file = newPath();
  const beyond = new DirectBuffers(4096, 0).writeNew(file, Buffer.allocUnsafeSlow(4096), 9000);
  fs.unlinkSync(file);
  fs.writeFileSync(file, 'of another');
  await expect(beyond).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  expect(fs.readFileSync(file, 'utf8')).toBe('of another');
});

test('buffers begin at a block, are used again, and there are as many as are asked for', () => {
  const buffers = new DirectBuffers(5000, 2);
  const [one, two, three] = [buffers.take(), buffers.take(), buffers.take()];
  expect([one, two].map((buffer) => buffer.byteOffset % 4096)).toEqual([0, 0]);
  expect([one, two, three].map((buffer) => buffer.length)).toEqual([8192, 8192, 8192]);
  expect(one.buffer).toBe(two.buffer);
  expect(three.buffer).not.toBe(one.buffer);
  for (const buffer of [three, two]) buffers.give(buffer);
  expect(buffers.take()).toBe(two);
});
