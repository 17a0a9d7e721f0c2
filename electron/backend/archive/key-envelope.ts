// Keeps the archive key: one random 32-byte key, wrapped by a passphrase, the OS key store or a key file. Changing the
// protection wraps the key anew; no archive file is rewritten.
import { argon2Sync, createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';
import { writeDurably } from '#backend/base/durable-file.ts';
import { notWritten } from '#backend/base/not-written.ts';
import { envelopePath, hasArchive } from './data-folder.ts';
import { isUtf8, newPassphrase, readingsOf } from './passphrase.ts';

/** The OS key store (Electron's safeStorage); absent where the shell has none that protects. */
export interface KeyStore {
  seal(secret: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** Keys of one archive, each for one use (RFC 5869 over the archive key). */
export interface ArchiveKeys {
  index: Buffer;
  files: Buffer;
  names: Buffer;
  audit: Buffer;
  settings: Buffer;
  marks: Buffer;
}

export type Protection = 'os-key-store' | 'passphrase' | 'key-file';

const sealed = z.object({ nonce: z.base64(), data: z.base64() });
const envelopeShape = z.object({
  format: z.literal('lectern-archive-1'),
  id: z.uuid(),
  protection: z.enum(['os-key-store', 'passphrase', 'key-file']),
  /** argon2id parameters (RFC 9106) of a passphrase. */
  kdf: z
    .object({ salt: z.base64(), memoryKib: z.number().int().max(4194304), passes: z.number().int().max(64) })
    .optional(),
  wrapped: sealed.optional(),
  /** The key as the OS key store sealed it. */
  storeSealed: z.base64().optional(),
  /** The key file from before the passphrase is not known to be gone yet. */
  hasOldKeyFile: z.literal(true).optional(),
});
type Envelope = z.infer<typeof envelopeShape>;

const KDF_MEMORY_KIB = 65536;
const KDF_PASSES = 3;

export interface EnvelopeOptions {
  dataDir: string;
  /** Folder for key files, outside the data folder. */
  keyDir: string;
  keyStore?: KeyStore;
}

export class KeyEnvelope {
  readonly #options: EnvelopeOptions;
  #envelope: Envelope;
  private constructor(options: EnvelopeOptions, envelope: Envelope) {
    this.#options = options;
    this.#envelope = envelope;
  }

  get protection(): Protection {
    return this.#envelope.protection;
  }
  get id(): string {
    return this.#envelope.id;
  }

  /** Reads the envelope of the data folder, or makes one with a new key: by passphrase if given, else by the OS key
   * store, else by a key file. Throws LecternError 'conflict' when an archive is there but its envelope is not, 'bad-request' for
   * what is no passphrase of a new one. */
  static async openOrCreate(options: EnvelopeOptions, passphrase?: string): Promise<KeyEnvelope> {
    const file = envelopePath(options.dataDir);
    if (fs.existsSync(file)) {
      const parsed = envelopeShape.safeParse(parseJson(fs.readFileSync(file, 'utf8')));
      if (!parsed.success)
        throw new LecternError(
          'conflict',
          `${file} is damaged: restore it from a backup; without it the archive cannot be read.`,
        );
      const envelope = new KeyEnvelope(options, parsed.data);
      try {
        envelope.forgetKeyFile();
      } catch {
        // The next start tries again.
      }
      return envelope;
    }
    if (hasArchive(options.dataDir)) {
      throw new LecternError(
        'conflict',
        `${file} is missing but an archive is there: bring it back from a backup, without it the archive cannot be read. A new archive needs another data folder.`,
      );
    }
    const envelope = new KeyEnvelope(options, {
      format: 'lectern-archive-1',
      id: randomUUID(),
      protection: 'key-file',
    });
    envelope.#write(await envelope.#protect(randomBytes(32), passphrase));
    return envelope;
  }

  /** The archive keys. Throws LecternError 'archive-locked' (passphrase needed), 'wrong-passphrase', or 'not-found' (key file gone). */
  async unlock(passphrase?: string): Promise<ArchiveKeys> {
    return deriveKeys(await this.#open(passphrase));
  }

  /** Protects the archive by this passphrase from now on; `current` is the one in force, if any. Where it throws, nothing was
   * changed. A key file from before goes by `forgetKeyFile`, whoever has copies of the archive: left for them, it would open this one's
   * files too. */
  async setPassphrase(passphrase: string, current?: string): Promise<void> {
    const key = await this.#open(current);
    const protectedAnew = await this.#protect(key, passphrase);
    this.#write({
      ...protectedAnew,
      ...((this.protection === 'key-file' || this.#envelope.hasOldKeyFile) && { hasOldKeyFile: true }),
    });
  }

  /** Removes the key file that opened the archive before its passphrase; at the next start where it cannot be done now. Not one
   * that is put there afterwards: a copy of the archive from before may need it. Throws LecternError. */
  forgetKeyFile(): void {
    if (this.#envelope.hasOldKeyFile !== true) return;
    const file = keyFilePath(this.#options, this.#envelope.id);
    try {
      fs.rmSync(file, { force: true });
    } catch (cause) {
      throw new LecternError(
        'conflict',
        `The passphrase is set, but the key file ${file} could not be removed: it opens older copies of the archive, remove it yourself.`,
        { cause },
      );
    }
    const { hasOldKeyFile: _, ...settled } = this.#envelope;
    try {
      this.#write(settled);
    } catch {
      // The next start does.
    }
  }

  /** The envelope is the new one once it is on the disk. */
  #write(envelope: Envelope): void {
    const file = envelopePath(this.#options.dataDir);
    try {
      writeDurably(file, JSON.stringify(envelope, null, 2) + '\n', 0o600);
    } catch (error) {
      throw notWritten(file, error, 'The protection of the archive is as it was before.');
    }
    this.#envelope = envelope;
  }

  async #protect(key: Buffer, passphrase?: string): Promise<Envelope> {
    const { format, id } = this.#envelope;
    if (passphrase !== undefined) {
      const kdf = { salt: randomBytes(16).toString('base64'), memoryKib: KDF_MEMORY_KIB, passes: KDF_PASSES };
      const wrapped = wrap(stretch(newPassphrase(passphrase), kdf), key, id);
      return { format, id, protection: 'passphrase', kdf, wrapped };
    }
    if (this.#options.keyStore) {
      const storeSealed = Buffer.from(await this.#options.keyStore.seal(key)).toString('base64');
      return { format, id, protection: 'os-key-store', storeSealed };
    }
    const fileKey = randomBytes(32);
    writeDurably(keyFilePath(this.#options, id), fileKey.toString('hex') + '\n', 0o600);
    return { format, id, protection: 'key-file', wrapped: wrap(fileKey, key, id) };
  }

  async #open(passphrase?: string): Promise<Buffer> {
    const { protection, kdf, wrapped, storeSealed, id } = this.#envelope;
    if (protection === 'os-key-store') {
      if (!this.#options.keyStore || !storeSealed) {
        throw new LecternError(
          'archive-locked',
          'The archive key is in the key store of the desktop shell; open it there.',
        );
      }
      return Buffer.from(await this.#options.keyStore.open(Buffer.from(storeSealed, 'base64')));
    }
    if (protection === 'passphrase') {
      if (passphrase === undefined)
        throw new LecternError('archive-locked', 'The archive is protected by a passphrase.');
      for (const reading of readingsOf(passphrase)) {
        const key = kdf && wrapped && unwrap(stretch(reading, kdf), wrapped, id);
        if (key) return key;
      }
      throw new LecternError(
        'wrong-passphrase',
        `The passphrase does not open this archive${isUtf8(passphrase) ? '.' : ': it is not UTF-8, save its file in that encoding.'}`,
      );
    }
    const file = keyFilePath(this.#options, id);
    if (!fs.existsSync(file))
      throw new LecternError(
        'not-found',
        `The key file ${file} is missing; without it the archive cannot be read. Where another copy of this archive was given a passphrase, copy the archive.json of that one over ${envelopePath(this.#options.dataDir)}: its passphrase then opens this one too. Else bring the key file back from a backup.`,
      );
    const fileKey = Buffer.from(fs.readFileSync(file, 'utf8').trim(), 'hex');
    const key = fileKey.length === 32 && wrapped && unwrap(fileKey, wrapped, id);
    if (!key) throw new LecternError('wrong-passphrase', `The key file ${file} does not open this archive.`);
    return key;
  }
}

const keyFilePath = (options: EnvelopeOptions, id: string): string => path.join(options.keyDir, `${id}.key`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stretch(passphrase: string, kdf: { salt: string; memoryKib: number; passes: number }): Buffer {
  return argon2Sync('argon2id', {
    message: passphrase.normalize('NFC'),
    nonce: Buffer.from(kdf.salt, 'base64'),
    parallelism: 1,
    tagLength: 32,
    memory: kdf.memoryKib,
    passes: kdf.passes,
  });
}

function wrap(by: Buffer, key: Buffer, id: string): { nonce: string; data: string } {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', by, nonce).setAAD(Buffer.from(id));
  const data = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString('base64'), data: data.toString('base64') };
}

function unwrap(by: Buffer, wrapped: { nonce: string; data: string }, id: string): Buffer | undefined {
  const data = Buffer.from(wrapped.data, 'base64');
  if (data.length !== 48) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', by, Buffer.from(wrapped.nonce, 'base64')).setAAD(Buffer.from(id));
    decipher.setAuthTag(data.subarray(32));
    return Buffer.concat([decipher.update(data.subarray(0, 32)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function deriveKeys(key: Buffer): ArchiveKeys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `lectern ${use}`, 32));
  return {
    index: derive('index'),
    files: derive('files'),
    names: derive('names'),
    audit: derive('audit'),
    settings: derive('settings'),
    marks: derive('marks'),
  };
}
