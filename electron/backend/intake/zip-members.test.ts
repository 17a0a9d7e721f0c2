// ZIP files from zip.js and from Python's zipfile, whole, encrypted, damaged and hostile. Nothing is written to disk, so a
// member's name is only ever a label.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter, type ZipWriterAddDataOptions } from '@zip.js/zip.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isZip, ZipDefect, zipMembers } from './zip-members.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-zip-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const CONTENT = Buffer.from('one slice of many. '.repeat(500));

async function zipped(members: Record<string, Uint8Array>, options: ZipWriterAddDataOptions = {}): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of Object.entries(members)) await zip.add(name, new Uint8ArrayReader(bytes), options);
  return zip.close();
}

const put = (bytes: Uint8Array, name = 'a.zip'): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return file;
};

/** What becomes of each member: its text, or the code of its defect; the last line may be the ZIP's own. */
async function fates(file: string, password?: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const codeOf = (error: unknown): string => {
    if (error instanceof ZipDefect) return error.code;
    throw error;
  };
  try {
    for await (const member of zipMembers(file, password)) {
      const pieces: Uint8Array[] = [];
      const fate = await member
        .read((bytes) => {
          pieces.push(bytes.slice());
          return Promise.resolve(true);
        })
        .then(() => (Buffer.concat(pieces).equals(CONTENT) ? 'whole' : `${Buffer.concat(pieces).length} bytes`))
        .catch(codeOf);
      found.push([member.name, fate]);
    }
  } catch (error) {
    found.push(['', codeOf(error)]);
  }
  return found;
}

describe('members of a ZIP', () => {
  test.each([
    ['plain', {}],
    ['stored without compression', { level: 0 }],
    ['ZIP64', { zip64: true }],
    ['with data descriptors', { dataDescriptor: true }],
  ] as [string, ZipWriterAddDataOptions][])('%s', async (_name, options) => {
    const file = put(await zipped({ 'DICOM/A': CONTENT, 'DICOM/B': CONTENT }, options));
    expect(await fates(file)).toEqual([
      ['DICOM/A', 'whole'],
      ['DICOM/B', 'whole'],
    ]);
  });

  test.each([
    ['AES 256', { encryptionStrength: 3 }],
    ['AES 128', { encryptionStrength: 1 }],
    ['ZipCrypto', { zipCrypto: true }],
  ] as [string, ZipWriterAddDataOptions][])(
    '%s: with its password, with another, with none',
    async (_name, options) => {
      const file = put(await zipped({ A: CONTENT }, { ...options, password: 'right' }));
      expect(await fates(file, 'right')).toEqual([['A', 'whole']]);
      for (const password of ['wrong', '', undefined])
        expect(await fates(file, password), String(password)).toEqual([['A', 'password-needed']]);
    },
  );

  test('one wrong password in 256 looks right to ZipCrypto at first: it is a wrong one all the same', async () => {
    const file = put(await zipped({ A: CONTENT }, { zipCrypto: true, password: 'right' }));
    const found = new Set<string>();
    for (let number = 0; number < 1500; number++) found.add((await fates(file, `wrong ${number}`)).join(' '));
    expect([...found]).toEqual(['A,password-needed']);
  });

  test.each([
    ['UTF-8, as zip on Linux', Buffer.from('schlüssel-né€')],
    ['the code page of Windows', Buffer.from([...Buffer.from('schl\xfcssel-n\xe9', 'latin1'), 0x80])],
  ])('a password beyond ASCII in %s opens a member, with AES too', async (_name, rawPassword) => {
    for (const options of [{ zipCrypto: true }, { encryptionStrength: 3 as const }]) {
      const file = put(await zipped({ A: CONTENT }, { ...options, rawPassword }));
      expect(await fates(file, 'schlüssel-né€')).toEqual([['A', 'whole']]);
      expect(await fates(file, 'schlüssel-ne€')).toEqual([['A', 'password-needed']]);
    }
  });

  test('so it does in the code page of DOS, also where its check byte fits another way to write it', async () => {
    const rawPassword = Buffer.from([...Buffer.from('schl'), 0x81, ...Buffer.from('ssel')]);
    const members = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}`, CONTENT]));
    const file = put(await zipped(members, { zipCrypto: true, rawPassword }));
    expect(new Set((await fates(file, 'schlüssel')).map(([, fate]) => fate))).toEqual(new Set(['whole']));
  });

  test('names that would lead elsewhere stay names', async () => {
    const names = ['../../evil', '/etc/passwd', 'C:\\windows\\x', 'a/../../b', '<b>bold</b>'];
    const file = put(await zipped(Object.fromEntries(names.map((name) => [name, CONTENT]))));
    const before = fs.readdirSync(folder).sort();
    expect((await fates(file)).map(([, fate]) => fate)).toEqual(names.map(() => 'whole'));
    expect(fs.readdirSync(folder).sort()).toEqual(before);
    expect(fs.existsSync(path.join(folder, '..', 'evil'))).toBe(false);
  });

  test('every cut gives a defect, never a member that passes for whole beyond those that are', async () => {
    const whole = await zipped({ A: CONTENT, B: CONTENT });
    for (let length = 4; length < whole.length; length += 1) {
      const found = await fates(put(whole.subarray(0, length), 'cut.zip'));
      expect(
        found.some(([, fate]) => fate === 'zip-damaged'),
        `${length}`,
      ).toBe(true);
    }
  });

  test('a damaged member is named, the others are read', async () => {
    const bytes = await zipped({ A: CONTENT, B: CONTENT }, { level: 0 });
    bytes[200] = (bytes[200] ?? 0) ^ 0xff;
    expect(await fates(put(bytes))).toEqual([
      ['A', 'zip-damaged'],
      ['B', 'whole'],
    ]);
  });

  test('a member that unpacks to more than it states is left as soon as that shows, the ones beside it are read', async () => {
    const bytes = Buffer.from(await zipped({ 'bomb.dcm': Buffer.alloc(50_000_000), 'good.dcm': CONTENT }));
    // Both its headers (APPNOTE 4.3.7, 4.3.12) state 1000 bytes.
    for (let at = 0; (at = bytes.indexOf('bomb.dcm', at)) >= 0; at++) {
      const isCentral = at >= 46 && bytes.readUInt32LE(at - 46) === 0x02014b50;
      bytes.writeUInt32LE(1000, isCentral ? at - 46 + 24 : at - 30 + 22);
    }
    const file = put(bytes, 'lying.zip');
    let most = 0;
    for await (const member of zipMembers(file, undefined)) {
      if (member.name !== 'bomb.dcm') continue;
      let taken = 0;
      await member.read((piece) => Promise.resolve((taken += piece.length) > 0)).catch(() => undefined);
      most = taken;
    }
    expect(most).toBeLessThanOrEqual(1000);
    expect(await fates(file)).toEqual([
      ['bomb.dcm', expect.stringMatching(/zip-bomb|zip-damaged/)],
      ['good.dcm', 'whole'],
    ]);
  });

  test('more in the file than its list was read to is told after what was read: a count that is too small, two that were joined', async () => {
    const two = Buffer.from(await zipped({ a: CONTENT, b: CONTENT }));
    const joined = Buffer.concat([two, await zipped({ c: CONTENT })]);
    for (const at of [8, 10]) two.writeUInt16LE(1, two.lastIndexOf('PK\x05\x06', undefined, 'latin1') + at);
    expect(await fates(put(two))).toEqual([
      ['a', 'whole'],
      ['', 'zip-damaged'],
    ]);
    expect(await fates(put(joined))).toEqual([
      ['c', 'whole'],
      ['', 'zip-damaged'],
    ]);
  });

  test('parts of one that was split are called that', async () => {
    const whole = Buffer.from(await zipped({ a: CONTENT }));
    const first = Buffer.concat([Buffer.from('PK\x07\x08'), whole.subarray(0, 100)]);
    const last = Buffer.from(whole.subarray(100));
    const end = last.lastIndexOf('PK\x05\x06', undefined, 'latin1');
    // Numbers of its disk and of that where its list begins (APPNOTE 4.3.16).
    last.writeUInt16LE(1, end + 4);
    last.writeUInt16LE(1, end + 6);
    for (const part of [first, last]) expect(await fates(put(part))).toEqual([['', 'zip-unsupported']]);
    expect([isZip('a.z01', first), isZip('a.zip', last), isZip('a.dcm', last)]).toEqual([true, true, false]);
  });

  test('a file whose name ends as a folder’s is read; a folder is none', async () => {
    const bytes = Buffer.from(await zipped({ 'DICOM/A': CONTENT, 'DICOM/B': new Uint8Array() }));
    for (const name of ['DICOM/A', 'DICOM/B'])
      for (let at = 0; (at = bytes.indexOf(name, at)) >= 0; at++) bytes.write('/', at + name.length - 1);
    expect(await fates(put(bytes))).toEqual([['DICOM//', 'whole']]);
  });

  test('of what is encrypted all is read, whoever has enough: only the end tells a wrong password', async () => {
    const bytes = await zipped({ A: randomBytes(500_000) }, { password: 'right', encryptionStrength: 3 });
    for await (const member of zipMembers(put(bytes), 'right')) {
      let taken = 0;
      await member.read((piece) => Promise.resolve((taken += piece.length) === 0));
      expect(taken).toBe(500_000);
    }
  });

  test('an empty ZIP holds nothing', async () => {
    expect(await fates(put(await zipped({})))).toEqual([]);
  });
});

const hasPython = spawnSync('python3', ['-c', 'import zipfile']).status === 0;
test.skipIf(!hasPython)('members packed by other methods are not called damaged', async () => {
  for (const method of ['ZIP_BZIP2', 'ZIP_LZMA']) {
    const file = path.join(folder, `${method}.zip`);
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.${method}) as z: z.writestr('a.dcm', b'a slice' * 100)`;
    expect(spawnSync('python3', ['-c', script, file]).status).toBe(0);
    expect(await fates(file)).toEqual([['a.dcm', 'zip-unsupported']]);
  }
});

test.skipIf(!hasPython)('70,000 members of Python: more than the plain format counts', async () => {
  const file = path.join(folder, 'many.zip');
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for i in range(70000): z.writestr(f'{i}', b'')`;
  expect(spawnSync('python3', ['-c', script, file]).status).toBe(0);
  let count = 0;
  for await (const member of zipMembers(file, undefined)) {
    expect(member.name).toBe(String(count));
    count++;
  }
  expect(count).toBe(70000);
});
