// Our own storage provider with the archive behind it: starts and stops with the settings, decides who may come in, remembers
// who was turned away, and tells what arrived once an association has ended.
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import type { Admission, Caller } from '#backend/sources/dimse/scp/scp-settings.ts';
import { checkKey } from '#backend/sources/tls.ts';
import { DimseScp } from '#backend/sources/dimse/scp/scp.ts';
import { CommitmentReports, type CommitmentReport } from '#backend/sources/dimse/services/commitment-reports.ts';
import type { StoredReport } from '#backend/sources/dimse/services/store-scp.ts';
import type { InstanceSink } from '#backend/sources/source.ts';
import type { SecretVault } from '#backend/credentials/secret-vault.ts';
import type { NodeStore } from '#backend/credentials/node-store.ts';
import { isKnownCaller, isLoopback } from './known-callers.ts';
import { isIdentity } from './verify-identity.ts';
import { LecternError } from '#shared/contract/errors.ts';
import {
  DEFAULT_RECEIVER,
  receiverSettings,
  type ReceiverSecrets,
  type ReceiverSettings,
  type ReceiverView,
} from '#shared/contract/receiver.ts';

const DOCUMENT = 'receiver';
/** Owner of the receiver's secrets in the vault: the key of its certificate, the passcode that it asks for. */
export const RECEIVER_SECRETS = '(receiver)';
const KEPT_REFUSALS = 50;
const QUIET_MS = 30_000;

export interface ReceiverParts {
  settings: SettingsStore;
  nodes: NodeStore;
  vault: SecretVault;
  /** The archive, telling of each instance taken in, and of its caller. */
  sinkFor(onTaken: (outcome: IngestOutcome, callingAet: string) => void): InstanceSink;
  /** What one caller brought; after an association of it has ended, or brought nothing for a while. */
  onArrived(callingAet: string, arrived: readonly IngestOutcome[]): void;
  /** How long a caller that keeps its association open may bring nothing before what it brought is told. */
  quietMs?: number;
  onRefused(caller: Caller, why: string): void;
  /** A storage commitment report that no work under way waits for (PS3.4 J.3.3). False: nothing is known of its transaction. */
  onLateCommitment(report: CommitmentReport, peer: string): boolean;
  /** False: the program is a single command, and listens only where it is told to. */
  isResident: boolean;
  onBug(error: unknown): void;
}

export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #commitments: CommitmentReports;
  #scp: DimseScp | undefined;
  #address: { host: string; port: number } | undefined;
  #message: string | null = null;
  #refused: ReceiverView['refused'] = [];
  /** Open associations by calling AE title. */
  readonly #open = new Map<string, number>();
  /** Taken in since it was last told, by calling AE title. */
  readonly #arrived = new Map<string, IngestOutcome[]>();
  /** For callers that keep their association open all day. */
  readonly #quiet = new Map<string, NodeJS.Timeout>();
  readonly #listeners = new Set<(caller: Caller, report: StoredReport) => void>();

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    // A disk that takes no word of it: the peer is told so, and reports again.
    this.#commitments = new CommitmentReports((...late) => {
      let isTaken = false;
      this.#guarded(() => (isTaken = parts.onLateCommitment(...late)));
      return isTaken;
    });
  }

  get settings(): ReceiverSettings {
    return this.#parts.settings.read(DOCUMENT, receiverSettings, DEFAULT_RECEIVER);
  }

  /** The provider while it listens: C-MOVE and commitment reports come through it. */
  get scp(): DimseScp | undefined {
    return this.#scp;
  }
  get address(): { host: string; port: number } | undefined {
    return this.#address;
  }

  view(): ReceiverView {
    return {
      settings: this.settings,
      state: this.#scp ? 'listening' : this.#message === null ? 'off' : 'failed',
      address: this.#address ?? null,
      isOpenToNetwork: this.#address !== undefined && !isLoopback(this.#address.host),
      message: this.#message ?? this.#whyOff(),
      refused: this.#refused,
      openAssociations: [...this.#open.values()].reduce((sum, count) => sum + count, 0),
    };
  }

  /** On by the settings, and off: whoever asks must not take it for listening. */
  #whyOff(): string | null {
    if (this.#scp || !this.settings.isOn || this.#parts.isResident) return null;
    return 'This Lectern is not the workstation, which alone receives by these settings: start it, or `lectern scp`.';
  }

  /** Calls back for each stored (or failed) instance; returns the function that unregisters. */
  onStored(listener: (caller: Caller, report: StoredReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps new settings and secrets and starts anew by them. Rejects with LecternError 'bad-request' for a key that does not fit the
   * certificate, and with 'conflict' where it listens and could not by the new ones: then it goes on by those before. */
  async change(settings: ReceiverSettings, secrets: ReceiverSecrets = {}): Promise<void> {
    if (secrets.key !== undefined) checkKey(settings.tls?.certificate, secrets.key);
    const { settings: before, address } = this;
    const putSecretsBack = this.#parts.vault.remember(RECEIVER_SECRETS);
    try {
      for (const name of ['key', 'password'] as const) {
        const secret = secrets[name];
        if (secret !== undefined) await this.#parts.vault.set(RECEIVER_SECRETS, name, secret);
      }
    } catch (error) {
      putSecretsBack();
      throw error;
    }
    this.#parts.settings.write(DOCUMENT, settings);
    await this.stop();
    // Another process than the workstation would listen until its end only, and not again once it is started anew.
    if (settings.isOn && (this.#parts.isResident || address)) await this.startOrSay();
    if (!address || this.#message === null) return;
    const why = this.#message;
    this.#parts.settings.write(DOCUMENT, before);
    putSecretsBack();
    await this.startOrSay({ port: address.port });
    const asBefore = 'The settings are as they were';
    throw new LecternError(
      'conflict',
      this.#scp
        ? `${why} ${asBefore}.`
        : `${why} ${asBefore}, but it does not listen by them any more: ${this.#message}`,
    );
  }

  /** Listens, by the settings or other choices for this time. Rejects with LecternError 'conflict'; the reason stays on view. */
  async start(
    choice: Partial<Pick<ReceiverSettings, 'aet' | 'host' | 'port'>> = {},
  ): Promise<{ aet: string; port: number }> {
    if (this.#scp) throw new LecternError('conflict', 'The receiver is listening already.');
    const settings = { ...this.settings, ...choice };
    try {
      const scp = await this.#make(settings);
      this.#address = await scp.listen();
      this.#scp = scp;
      this.#message = null;
      return { aet: settings.aet, port: this.#address.port };
    } catch (error) {
      this.#message = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** Listens by the settings. Where it cannot, the view says `failed` and why, and so does the mark on each screen's head. */
  async startOrSay(choice: Parameters<Receiver['start']>[0] = {}): Promise<void> {
    try {
      await this.start(choice);
    } catch (error) {
      if (!(error instanceof LecternError)) this.#parts.onBug(error);
    }
  }

  async stop(): Promise<void> {
    const scp = this.#scp;
    this.#scp = undefined;
    this.#address = undefined;
    this.#message = null;
    await scp?.close();
    for (const callingAet of this.#arrived.keys()) this.#tellArrived(callingAet);
  }

  async #make(settings: ReceiverSettings): Promise<DimseScp> {
    const { aet, host, port, tls, maxAssociations, maxPduBytes, privateSopClassUids, user } = settings;
    const wanted = user !== undefined && { user, passcode: await this.#parts.vault.read(RECEIVER_SECRETS, 'password') };
    const key = tls && (await this.#parts.vault.read(RECEIVER_SECRETS, 'key'));
    if (tls && (tls.certificate === undefined || key === undefined))
      throw new LecternError('conflict', 'The receiver needs a certificate and its key for TLS.');
    return new DimseScp(
      {
        aet,
        host,
        port,
        maxAssociations,
        privateSopClassUids,
        takesUnknown: true,
        settings: { maxPduBytes },
        ...(tls && {
          tls: {
            asksClientCertificate: tls.asksClientCertificate,
            ...(tls.ca !== undefined && { ca: tls.ca }),
            ...(tls.certificate !== undefined && { certificate: tls.certificate }),
            ...(key !== undefined && { key }),
          },
        }),
      },
      {
        commitments: this.#commitments,
        sink: this.#parts.sinkFor((outcome, callingAet) => this.#taken(callingAet, outcome)),
        policy: (caller, identity) => this.#admit(caller, settings, !wanted || isIdentity(identity, wanted)),
        events: {
          onOpened: ({ callingAet }) => void this.#open.set(callingAet, this.#openOf(callingAet) + 1),
          onClosed: ({ callingAet }) => {
            this.#open.set(callingAet, this.#openOf(callingAet) - 1);
            this.#tellArrived(callingAet);
          },
          onRefused: (caller, why, reason) => {
            this.#noteRefusal(caller, why, reason === 'unknown-caller');
            this.#guarded(() => this.#parts.onRefused(caller, why));
          },
          onStored: (caller, report) => {
            for (const listener of this.#listeners) listener(caller, report);
          },
        },
      },
    );
  }

  /** One line for each caller and reason: who tries again and again leaves those of others in sight. */
  #noteRefusal({ callingAet, address }: Caller, why: string, canBeAllowed: boolean): void {
    const before = this.#refused.find(
      (each) => each.callingAet === callingAet && each.address === address && each.why === why,
    );
    const refusal = { at: Date.now(), count: (before?.count ?? 0) + 1, callingAet, address, why, canBeAllowed };
    this.#refused = [refusal, ...this.#refused.filter((each) => each !== before)].slice(0, KEPT_REFUSALS);
  }

  async #admit(caller: Caller, settings: ReceiverSettings, isIdentified: boolean): Promise<Admission> {
    const nodes = this.#parts.nodes.list().map((node) => node.settings);
    if (!(await isKnownCaller(caller, settings.callers, nodes))) return { isAdmitted: false, reason: 'unknown-caller' };
    if (caller.calledAet !== settings.aet && !isLoopback(caller.address))
      return { isAdmitted: false, reason: 'wrong-called-aet' };
    if (!isIdentified) return { isAdmitted: false, reason: 'wrong-identity' };
    return {
      isAdmitted: true,
      ...(settings.user !== undefined && { isIdentified: true }),
      ...(settings.maxBytesPerSecond !== null && { maxBytesPerSecond: settings.maxBytesPerSecond }),
    };
  }

  #openOf(callingAet: string): number {
    return this.#open.get(callingAet) ?? 0;
  }

  #taken(callingAet: string, outcome: IngestOutcome): void {
    const list = this.#arrived.get(callingAet) ?? [];
    list.push(outcome);
    this.#arrived.set(callingAet, list);
    // The association broke off while this one was on its way to the disk.
    if (this.#openOf(callingAet) === 0) return this.#tellArrived(callingAet);
    const quiet = this.#quiet.get(callingAet);
    if (quiet) quiet.refresh();
    else this.#tellLater(callingAet);
  }

  /** What a full disk keeps from being told is told with the next, or in a while. */
  #tellArrived(callingAet: string): void {
    clearTimeout(this.#quiet.get(callingAet));
    this.#quiet.delete(callingAet);
    const arrived = this.#arrived.get(callingAet);
    if (!arrived) return;
    if (this.#guarded(() => this.#parts.onArrived(callingAet, arrived))) this.#arrived.delete(callingAet);
    else if (this.#scp) this.#tellLater(callingAet);
  }

  #tellLater(callingAet: string): void {
    const timer = setTimeout(() => this.#tellArrived(callingAet), this.#parts.quietMs ?? QUIET_MS);
    this.#quiet.set(callingAet, timer);
  }

  /** Sockets and timers call it: what fails there must not end the process. False where it is to be tried again. */
  #guarded(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (error instanceof LecternError) return false;
      this.#parts.onBug(error);
      return true;
    }
  }
}
