import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyEnvelope, type EnvelopeOptions, type KeyStore } from './key-envelope.ts';

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

  test('uses the key store of the system where there is one', async () => {
    const envelope = await KeyEnvelope.openOrCreate({ ...options, keyStore: xorStore });
    expect(envelope.protection).toBe('os-key-store');
    expect(fs.existsSync(options.keyDir)).toBe(false);
    const keys = await envelope.unlock();
    const without = await KeyEnvelope.openOrCreate(options);
    await expect(without.unlock()).rejects.toMatchObject({ code: 'archive-locked' });
    expect(await (await KeyEnvelope.openOrCreate({ ...options, keyStore: xorStore })).unlock()).toEqual(keys);
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
});
