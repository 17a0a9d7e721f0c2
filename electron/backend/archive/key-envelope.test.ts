import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyEnvelope, type EnvelopeOptions, type KeyStore } from './key-envelope.ts';

/** Of a version that took any passphrase: a byte order mark and one letter. */
const MADE_BEFORE = JSON.stringify({
  format: 'lectern-archive-1',
  id: '35c4fa04-9264-4a89-a3ca-2bbe23a4c35b',
  protection: 'passphrase',
  kdf: { salt: 'TgtqSKXwuc/Ete0Iie1ElA==', memoryKib: 65536, passes: 3 },
  wrapped: {
    nonce: 'IMruwl7Umco4/v4q',
    data: 'EPqFXtwp1xdMFWOzhZkAM+uBpJlJ7HGxAkRWGHBD6kb+T1JPglqshwhqeiaNzh5E',
  },
});

let options: EnvelopeOptions;
let root = '';
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-key-'));
  options = { dataDir: path.join(root, 'data'), keyDir: path.join(root, 'keys') };
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const xorStore: KeyStore = {
  seal: async (secret) => secret.map((byte) => byte ^ 0x5a),
  open: async (sealed) => sealed.map((byte) => byte ^ 0x5a),
};

describe('key envelope', () => {
  test('without passphrase and key store makes a key file of mode 0600 outside the data folder', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    expect(envelope.protection).toBe('key-file');
    const file = path.join(options.keyDir, `${envelope.id}.key`);
    if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const keys = await envelope.unlock();
    const again = await (await KeyEnvelope.openOrCreate(options)).unlock();
    expect(again).toEqual(keys);
    expect(new Set(Object.values(keys).map((key) => key.toString('hex'))).size).toBe(Object.keys(keys).length);
  });

  test('setting a passphrase keeps the keys, removes the key file and locks', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    const keys = await envelope.unlock();
    await envelope.setPassphrase('correct horse');
    envelope.forgetKeyFile();
    expect(fs.readdirSync(options.keyDir)).toEqual([]);
    const reopened = await KeyEnvelope.openOrCreate(options);
    await expect(reopened.unlock()).rejects.toMatchObject({ code: 'archive-locked' });
    await expect(reopened.unlock('wrong horse')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    expect(await reopened.unlock('correct horse')).toEqual(keys);
    await expect(reopened.setPassphrase('another one', 'wrong horse')).rejects.toMatchObject({
      code: 'wrong-passphrase',
    });
    await reopened.setPassphrase('another one', 'correct horse');
    expect(await reopened.unlock('another one')).toEqual(keys);
  });

  test('a copy from before the passphrase opens by the new envelope, which it asks for', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    const keys = await envelope.unlock();
    const copy = { ...options, dataDir: path.join(root, 'copy') };
    fs.cpSync(options.dataDir, copy.dataDir, { recursive: true });
    await envelope.setPassphrase('correct horse');
    envelope.forgetKeyFile();
    const file = path.join(copy.dataDir, 'archive.json');
    await expect((await KeyEnvelope.openOrCreate(copy)).unlock()).rejects.toThrow(
      `copy the archive.json of that one over ${file}: its passphrase`,
    );
    fs.copyFileSync(path.join(options.dataDir, 'archive.json'), file);
    expect(await (await KeyEnvelope.openOrCreate(copy)).unlock('correct horse')).toEqual(keys);
  });

  test('uses the key store of the system where there is one', async () => {
    const envelope = await KeyEnvelope.openOrCreate({ ...options, keyStore: xorStore });
    expect(envelope.protection).toBe('os-key-store');
    expect(fs.existsSync(options.keyDir)).toBe(false);
    const keys = await envelope.unlock();
    const without = await KeyEnvelope.openOrCreate(options);
    await expect(without.unlock()).rejects.toMatchObject({ code: 'archive-locked' });
    expect(await (await KeyEnvelope.openOrCreate({ ...options, keyStore: xorStore })).unlock()).toEqual(keys);
  });

  test('a change that could not be written is none, and leaves nothing', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    const keys = await envelope.unlock();
    const file = path.join(options.dataDir, 'archive.json');
    // A folder in its place: what was written cannot be given its name.
    const whileUnwritable = async (change: () => Promise<void>): Promise<void> => {
      fs.renameSync(file, `${file}.away`);
      fs.mkdirSync(file);
      await expect(change()).rejects.toThrow(/archive\.json cannot be written: .* as it was before/);
      expect(fs.readdirSync(options.dataDir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      fs.rmdirSync(file);
      fs.renameSync(`${file}.away`, file);
    };
    await whileUnwritable(() => envelope.setPassphrase('correct horse'));
    expect(envelope.protection).toBe('key-file');
    await envelope.setPassphrase('correct horse');
    await whileUnwritable(() => envelope.setPassphrase('another one', 'correct horse'));
    await envelope.setPassphrase('a third one', 'correct horse');
    expect(await envelope.unlock('a third one')).toEqual(keys);
  });

  test('a key file that could not be removed goes with the next start; one that is put back later stays', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    const keyFile = path.join(options.keyDir, `${envelope.id}.key`);
    const text = fs.readFileSync(keyFile);
    await envelope.setPassphrase('correct horse');
    fs.rmSync(keyFile);
    fs.mkdirSync(keyFile);
    expect(() => envelope.forgetKeyFile()).toThrow(
      `The passphrase is set, but the key file ${keyFile} could not be removed`,
    );
    fs.rmdirSync(keyFile);
    fs.writeFileSync(keyFile, text);
    await KeyEnvelope.openOrCreate(options);
    expect(fs.readdirSync(options.keyDir)).toEqual([]);
    // For a copy of the archive as it was before.
    fs.writeFileSync(keyFile, text);
    await KeyEnvelope.openOrCreate(options);
    expect(fs.readdirSync(options.keyDir)).toHaveLength(1);
  });

  test.each([
    ['of seven characters', 'seven77', 'at least 8'],
    ['that is empty', '', 'at least 8'],
    ['beyond 1,024 characters', 'x'.repeat(1025), 'at most 1,024'],
    ['of bytes that are no UTF-8', 'Gr\uFFFD\uFFFDe aus', 'UTF-8'],
    ['of two lines', 'two\nlines of text', 'one line'],
  ])('one %s is no new passphrase, at creation or at a change', async (_which, passphrase, why) => {
    await expect(KeyEnvelope.openOrCreate(options, passphrase)).rejects.toThrow(why);
    expect(fs.existsSync(options.dataDir)).toBe(false);
    const envelope = await KeyEnvelope.openOrCreate(options);
    await expect(envelope.setPassphrase(passphrase)).rejects.toMatchObject({ code: 'bad-request' });
    expect(envelope.protection).toBe('key-file');
  });

  test('a byte order mark is no part of a passphrase, but opens an archive that was made with it', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options, '\uFEFFcorrect horse');
    const keys = await envelope.unlock('correct horse');
    expect(await envelope.unlock('\uFEFFcorrect horse')).toEqual(keys);
    await expect(envelope.unlock('\uFFFDcorrect horse')).rejects.toThrow(/not UTF-8/);
    const file = path.join(options.dataDir, 'archive.json');
    fs.writeFileSync(file, MADE_BEFORE);
    const before = await KeyEnvelope.openOrCreate(options);
    await before.unlock('\uFEFFa');
    await before.setPassphrase('correct horse', '\uFEFFa');
  });

  test('says so when the key file, or the envelope of an existing archive, is gone', async () => {
    const envelope = await KeyEnvelope.openOrCreate(options);
    fs.rmSync(path.join(options.keyDir, `${envelope.id}.key`));
    await expect(envelope.unlock()).rejects.toMatchObject({ code: 'not-found' });
    fs.writeFileSync(path.join(options.dataDir, 'index.db'), '');
    fs.rmSync(path.join(options.dataDir, 'archive.json'));
    await expect(KeyEnvelope.openOrCreate(options)).rejects.toMatchObject({ code: 'conflict' });
    fs.writeFileSync(path.join(options.dataDir, 'archive.json'), '{"format":"lectern-archive-1"');
    await expect(KeyEnvelope.openOrCreate(options)).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([`objects/a/${'a'.repeat(40)}`, `quarantine/${'b'.repeat(40)}`, 'audit.db', 'settings.db', 'marks.db'])(
    'no new key is made where %s is of an archive that lost its own',
    async (left) => {
      const file = path.join(options.dataDir, left);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, '');
      await expect(KeyEnvelope.openOrCreate(options)).rejects.toThrow(/archive\.json is missing.*from a backup/);
      expect(fs.existsSync(options.keyDir)).toBe(false);
    },
  );
});
