// Keeps secrets: sealed by the system's key store where the shell has one, and in the encrypted settings in any case. They are
// set, replaced, used and forgotten; no address ever gives one back.
import { z } from 'zod';
import type { KeyStore } from '#backend/archive/key-envelope.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import { secretName, type SecretName } from '#shared/contract/nodes.ts';
import { LecternError } from '#shared/contract/errors.ts';

const sealedSecret = z.object({ by: z.enum(['key-store', 'archive']), data: z.base64() });
type Sealed = z.infer<typeof sealedSecret> | undefined;

export class SecretVault {
  readonly #settings: SettingsStore;
  readonly #keyStore: KeyStore | undefined;

  constructor(settings: SettingsStore, keyStore: KeyStore | undefined) {
    this.#settings = settings;
    this.#keyStore = keyStore;
  }

  async set(owner: string, name: SecretName, secret: string): Promise<void> {
    this.#settings.write(documentOf(owner, name), await this.#seal(secret));
  }

  /** Sets `next` in place of `before`, or forgets that where there is none. False, and nothing is done, where another secret or none is
   * kept by now. */
  async replace(owner: string, name: SecretName, before: string, next: string | undefined): Promise<boolean> {
    const document = documentOf(owner, name);
    const sealed = next === undefined ? undefined : await this.#seal(next);
    const found = this.#sealed(document);
    if ((await this.read(owner, name)) !== before) return false;
    // The key store takes its time to open it.
    if (this.#sealed(document)?.data !== found?.data) return false;
    if (sealed) this.#settings.write(document, sealed);
    else this.forget(owner, name);
    return true;
  }

  async #seal(secret: string): Promise<NonNullable<Sealed>> {
    const plain = Buffer.from(secret);
    const data = this.#keyStore ? Buffer.from(await this.#keyStore.seal(plain)) : plain;
    return { by: this.#keyStore ? 'key-store' : 'archive', data: data.toString('base64') };
  }

  /** The secret, to be handed to a connection and kept nowhere. Rejects with LecternError 'conflict' where the key store that
   * sealed it is not here. */
  async read(owner: string, name: SecretName): Promise<string | undefined> {
    const sealed = this.#sealed(documentOf(owner, name));
    if (!sealed) return undefined;
    const data = Buffer.from(sealed.data, 'base64');
    if (sealed.by === 'archive') return data.toString('utf8');
    if (!this.#keyStore)
      throw new LecternError(
        'conflict',
        `The ${name} of ${owner} is in the key store of the desktop shell; use it there, or set it anew.`,
      );
    return Buffer.from(await this.#keyStore.open(data)).toString('utf8');
  }

  names(owner: string): SecretName[] {
    const known = new Set(this.#settings.names(`secret:${owner}:`));
    return secretName.options.filter((name) => known.has(documentOf(owner, name)));
  }

  /** Gives the function that puts the secrets of the owner back as they are now. */
  remember(owner: string): () => void {
    const documents = secretName.options.map((name) => documentOf(owner, name));
    const kept = documents.map((document) => this.#sealed(document));
    return () => {
      for (const [at, document] of documents.entries())
        if (kept[at]) this.#settings.write(document, kept[at]);
        else this.#settings.remove(document);
    };
  }

  #sealed(document: string): Sealed {
    return this.#settings.read<Sealed>(document, sealedSecret.optional(), undefined);
  }

  forget(owner: string, name: SecretName): void {
    this.#settings.remove(documentOf(owner, name));
  }

  forgetAll(owner: string): void {
    for (const name of this.names(owner)) this.forget(owner, name);
  }
}

const documentOf = (owner: string, name: SecretName): string => `secret:${owner}:${name}`;
