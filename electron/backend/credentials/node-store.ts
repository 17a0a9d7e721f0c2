// The nodes that a person set up, with their secrets apart.
import { X509Certificate } from 'node:crypto';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import { isSendable } from '#backend/sources/dicomweb/node.ts';
import { checkKey } from '#backend/sources/tls.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { keptNodeSettings, type NodeSettings, type NodeView, type SecretName } from '#shared/contract/nodes.ts';
import type { Validity } from '#shared/contract/validity.ts';
import { secretsToForget } from './secret-places.ts';
import type { SecretVault } from './secret-vault.ts';

export class NodeStore {
  readonly #settings: SettingsStore;
  readonly vault: SecretVault;

  constructor(settings: SettingsStore, vault: SecretVault) {
    this.#settings = settings;
    this.vault = vault;
  }

  list(): NodeView[] {
    return this.#settings
      .names('node:')
      .flatMap((document) => this.#read(document) ?? [])
      .map((settings) => this.#view(settings));
  }

  /** Throws LecternError 'not-found'. */
  get(name: string): NodeSettings {
    const found = this.#read(`node:${name}`);
    if (!found) throw new LecternError('not-found', `There is no node ${name}.`);
    return found;
  }

  has(name: string): boolean {
    return this.#read(`node:${name}`) !== undefined;
  }

  /** Calls back after each change of the node of this name; returns the function that unregisters. */
  onChange(name: string, listener: () => void): () => void {
    return this.#settings.onChange(`node:${name}`, listener);
  }

  #read(document: string): NodeSettings | undefined {
    return this.#settings.read<NodeSettings | undefined>(document, keptNodeSettings.optional(), undefined);
  }

  #view(settings: NodeSettings): NodeView {
    const certificate = settings.tls?.certificate;
    return {
      settings,
      secrets: this.vault.names(settings.name),
      certificateValidity: certificate === undefined ? null : validityOf(certificate),
    };
  }

  /** Adds a node. Throws LecternError 'conflict' when one of this name is there. */
  add(settings: NodeSettings): void {
    if (this.has(settings.name)) throw new LecternError('conflict', `There is a node ${settings.name} already.`);
    this.#write(settings);
  }

  /** Sets nodes up as a file has them, over those of their names; gives by name what secrets those had, which are forgotten: they are
   * not for whom a file names. Throws LecternError 'bad-request', and nothing is taken, for a name that comes twice and a certificate
   * that cannot be read. */
  takeAll(given: readonly NodeSettings[]): Record<string, SecretName[]> {
    for (const [at, settings] of given.entries()) {
      if (given.findIndex(({ name }) => name === settings.name) < at)
        throw new LecternError('bad-request', `Nothing was taken in: the file has two nodes ${settings.name}.`);
      try {
        checkCertificates(settings);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : '';
        throw new LecternError('bad-request', `Nothing was taken in, because of ${settings.name}: ${why}`, { cause });
      }
    }
    const forgotten: Record<string, SecretName[]> = {};
    for (const settings of given) {
      const secrets = this.vault.names(settings.name);
      if (secrets.length) forgotten[settings.name] = secrets;
      // First of all: a crash in between must not leave them with the new address.
      this.vault.forgetAll(settings.name);
      this.#write(settings);
    }
    return forgotten;
  }

  /** Sets a node up anew, under another name perhaps; gives the secrets that were forgotten since they would go elsewhere now.
   * Rejects with LecternError 'not-found', 'conflict', and 'bad-request' for a certificate that cannot be read. */
  async edit(name: string, settings: NodeSettings): Promise<SecretName[]> {
    const toForget = secretsToForget(this.get(name), settings);
    const forgotten = this.vault.names(name).filter((secret) => toForget.includes(secret));
    if (settings.name === name) {
      checkCertificates(settings);
      for (const secret of forgotten) this.vault.forget(name, secret);
      this.#write(settings);
      return forgotten;
    }
    this.add(settings);
    for (const each of this.vault.names(name)) {
      const secret = forgotten.includes(each) ? undefined : await this.vault.read(name, each);
      if (secret !== undefined) await this.vault.set(settings.name, each, secret);
    }
    this.remove(name);
    return forgotten;
  }

  /** Keeps what signing in gave, unless the node is another one meanwhile. */
  async keepRefresh(settings: NodeSettings, token: string): Promise<void> {
    const now = this.#read(`node:${settings.name}`);
    if (now && secretsToForget(settings, now).length === 0) await this.vault.set(settings.name, 'refresh', token);
  }

  #write(settings: NodeSettings): void {
    checkCertificates(settings);
    this.#settings.write(`node:${settings.name}`, settings);
  }

  /** Removes a node and its secrets. Throws LecternError 'not-found'. */
  remove(name: string): void {
    this.get(name);
    this.#settings.remove(`node:${name}`);
    this.vault.forgetAll(name);
  }

  /** Rejects with LecternError 'not-found', and 'bad-request' as `checkedSecret` does. */
  async setSecret(name: string, secret: SecretName, value: string): Promise<void> {
    return this.vault.set(name, secret, checkedSecret(this.get(name), secret, value));
  }
}

/** The secret as it is kept. Throws LecternError 'bad-request' for one that the node cannot use. */
export function checkedSecret(node: NodeSettings, secret: SecretName, value: string): string {
  if (secret === 'key') checkKey(node.tls?.certificate, value);
  if (secret !== 'password' || node.kind !== 'dicomweb' || node.auth.kind !== 'bearer') return value;
  // Tokens are pasted, often with the end of their line.
  const token = value.trim();
  if (isSendable(token)) return token;
  throw new LecternError(
    'bad-request',
    `The token of ${node.name} cannot be sent: it is empty, or has blanks, line breaks or letters beyond ASCII; copy it anew.`,
  );
}

/** Of the first certificate of a PEM text. Throws LecternError 'bad-request' where it cannot be read. */
export function validityOf(pem: string): Validity {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return { validFrom: new Date(validFrom).toISOString(), validTo: new Date(validTo).toISOString() };
  } catch (cause) {
    throw new LecternError('bad-request', 'The certificate cannot be read; it is given in PEM form.', { cause });
  }
}

/** Throws LecternError 'bad-request' for one that cannot be read. */
function checkCertificates({ tls }: NodeSettings): void {
  for (const pem of [tls?.ca, tls?.certificate]) if (pem !== undefined) validityOf(pem);
}
