import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rawPath } from '#backend/base/raw-path.ts';
import { walk } from './walk.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-walk-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const put = (name: string, bytes = 3): string => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, Buffer.alloc(bytes));
  return file;
};

/** Names below the folder with their sizes, or why not. */
async function found(...roots: string[]): Promise<[string, number | string][]> {
  const all: [string, number | string][] = [];
  for await (const each of walk(roots))
    all.push([path.relative(folder, each.path), 'sizeBytes' in each ? each.sizeBytes : each.reason]);
  return all;
}

describe('walk', () => {
  test('gives every file below what was named, in name order, hidden and empty ones too', async () => {
    put('b/2.dcm', 5);
    put('b/1.dcm', 0);
    put('a.dcm');
    put('.DS_Store');
    put('b/a/ü 1.dcm');
    const inFolder = [
      ['.DS_Store', 3],
      ['a.dcm', 3],
      ['b/1.dcm', 0],
      ['b/2.dcm', 5],
      ['b/a/ü 1.dcm', 3],
    ];
    expect(await found(folder)).toEqual(inFolder);
    expect(await found(path.join(folder, 'a.dcm'), path.join(folder, 'b', 'a'))).toEqual([inFolder[1], inFolder[4]]);
  });

  test('names what is not there and goes on with the rest', async () => {
    put('good.dcm');
    fs.symlinkSync(path.join(folder, 'gone'), path.join(folder, 'dangling'));
    fs.symlinkSync('self', path.join(folder, 'self'));
    expect(await found(path.join(folder, 'absent'), folder)).toEqual([
      ['absent', 'This is not there.'],
      ['dangling', 'This is not there.'],
      ['good.dcm', 3],
      ['self', 'This link leads back to itself.'],
    ]);
  });

  test('follows links, and enters no folder twice, so that a circle ends', async () => {
    put('disc/one.dcm');
    fs.symlinkSync(path.join(folder, 'disc'), path.join(folder, 'disc', 'back'));
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-walk-'));
    fs.writeFileSync(path.join(elsewhere, 'two.dcm'), 'two');
    fs.symlinkSync(elsewhere, path.join(folder, 'linked'));
    try {
      expect(await found(folder, path.join(folder, 'disc'))).toEqual([
        ['disc/one.dcm', 3],
        ['linked/two.dcm', 3],
      ]);
    } finally {
      fs.rmSync(elsewhere, { recursive: true });
    }
  });

  test('names the data folder and leaves it out, however it is reached', async () => {
    put('data/objects/1');
    put('z.dcm');
    fs.symlinkSync(path.join(folder, 'data'), path.join(folder, 'linked'));
    const all: object[] = [];
    for await (const each of walk([folder], path.join(folder, 'linked'))) all.push(each);
    const own = { reason: 'This is the data folder of Lectern itself: it is left out.', isOwn: true };
    expect(all).toEqual([
      { path: path.join(folder, 'data'), ...own },
      { path: path.join(folder, 'linked'), ...own },
      { path: path.join(folder, 'z.dcm'), sizeBytes: 3 },
    ]);
  });

  test('goes on where the data folder is away', async () => {
    const file = put('1.dcm');
    for await (const each of walk([folder], path.join(folder, 'gone')))
      expect(each).toEqual({ path: file, sizeBytes: 3 });
    expect.assertions(1);
  });

  test('asks where a folder lies only where another has its device and inode', async () => {
    const realpath = vi.spyOn(fs.promises, 'realpath');
    put('a/b/c/d/1.dcm');
    expect(await found(folder)).toEqual([['a/b/c/d/1.dcm', 3]]);
    expect(realpath).not.toHaveBeenCalled();
    realpath.mockRestore();
  });

  test('tells folders apart where the file system gives them all one number', async () => {
    put('a/1.dcm');
    put('b/2.dcm');
    fs.symlinkSync(path.join(folder, 'a'), path.join(folder, 'b', 'back'));
    fs.symlinkSync(folder, path.join(folder, 'c'));
    const { stat } = fs.promises;
    const sameNumber = vi
      .spyOn(fs.promises, 'stat')
      .mockImplementation((async (file: string) =>
        Object.assign(await stat(file, { bigint: true }), { ino: 0n })) as unknown as typeof stat);
    expect(await found(folder)).toEqual([
      ['a/1.dcm', 3],
      ['b/2.dcm', 3],
    ]);
    sameNumber.mockRestore();
  });

  test.skipIf(process.platform === 'win32')('names a pipe instead of waiting for it', async () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    put('z.dcm');
    expect(await found(folder)).toEqual([
      ['pipe', 'This is no file but a pipe, a socket or a device.'],
      ['z.dcm', 3],
    ]);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'names a folder that may not be read',
    async () => {
      put('closed/one.dcm');
      put('open.dcm');
      fs.chmodSync(path.join(folder, 'closed'), 0o000);
      expect(await found(folder)).toEqual([
        ['closed', 'This may not be read by this user.'],
        ['open.dcm', 3],
      ]);
      fs.chmodSync(path.join(folder, 'closed'), 0o700);
    },
  );

  test('goes on where a folder vanishes while it is walked', async () => {
    put('a/1.dcm');
    put('b/1.dcm');
    put('c.dcm');
    const all: string[] = [];
    for await (const each of walk([folder])) {
      all.push(path.relative(folder, each.path));
      fs.rmSync(path.join(folder, 'b'), { recursive: true, force: true });
    }
    expect(all).toEqual(['a/1.dcm', 'b', 'c.dcm']);
  });

  test.skipIf(process.platform === 'win32')(
    'names that are no UTF-8 are told apart, and lead to their file',
    async () => {
      const name = (...parts: (string | number)[]): Buffer =>
        Buffer.concat([
          Buffer.from(`${folder}/`),
          ...parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])),
        ]);
      fs.mkdirSync(name('M', 0xfc, 'ller'));
      fs.writeFileSync(name('M', 0xfc, 'ller/1'), 'one');
      fs.writeFileSync(name(0xe4, 'ü'), 'second');
      fs.writeFileSync(name(0xe5, 'ü'), 'the third');
      fs.writeFileSync(name('\\xE6'), 'four');
      expect(await found(folder)).toEqual([
        ['M\\xFCller/1', 3],
        ['\\xE4ü', 6],
        ['\\xE5ü', 9],
        ['\\xE6', 4],
      ]);
      expect(fs.readFileSync(rawPath(path.join(folder, 'M\\xFCller/1')), 'utf8')).toBe('one');
      expect(fs.readFileSync(rawPath(path.join(folder, '\\xE5ü')), 'utf8')).toBe('the third');
      expect(fs.readFileSync(rawPath(path.join(folder, '\\xE6')), 'utf8')).toBe('four');
      expect(fs.existsSync(rawPath(path.join(folder, '\\xE7')))).toBe(false);
    },
  );
});
