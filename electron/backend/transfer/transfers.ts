// Retrieving and sending as use cases: a node by its name, the archive on our side. Jobs and the command line both go through here.
import { setTimeout as delay } from 'node:timers/promises';
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { lackOf, type Lack } from '#backend/archive/lacks.ts';
import { lostInstances } from '#backend/archive/lost-instances.ts';
import type { NodeStore } from '#backend/credentials/node-store.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import type { CommitResult, RetrieveProgress, Selection, Source, StoreOutcome } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { DEFAULT_CONNECTIONS } from '#shared/contract/nodes.ts';
import { createArchiveSink, outgoing } from './archive-sink.ts';
import { openSource, type SourceChoice } from './open-source.ts';
import type { Receiver } from './receiver.ts';
import { TokenSources } from './token-sources.ts';
import { createUncompressor } from './uncompressed/uncompressor.ts';
import { retrieveWhole, type TransferResult } from './retrieve.ts';

export interface TransferParts {
  archive: Archive;
  nodes: NodeStore;
  receiver: Receiver;
  useCases: UseCases;
}

export class Transfers {
  readonly #parts: TransferParts;
  readonly #uncompressor = createUncompressor();
  readonly #tokens = new TokenSources();
  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  close(): Promise<void> {
    return this.#uncompressor.close();
  }

  /** Whether a node of this name is set up. */
  has(node: string): boolean {
    return this.#parts.nodes.has(node);
  }

  /** Waits so long, or until the node is set up anew: it may go then. Rejects once `signal` is aborted. */
  async pause(node: string, ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const stop = this.#parts.nodes.onChange(node, () => changed.abort());
    try {
      await delay(ms, undefined, { signal: AbortSignal.any([signal, changed.signal]) });
    } catch (error) {
      if (!changed.signal.aborted || signal.aborted) throw error;
    } finally {
      stop();
    }
  }

  /** Opens a node for `work` and closes it after. Rejects with LecternError 'not-found' for an unknown one. */
  async with<T>(node: string, work: (source: Source) => Promise<T>, choice: SourceChoice = {}): Promise<T> {
    const source = await openSource(this.#parts.nodes, this.#parts.receiver, node, { ...choice, tokens: this.#tokens });
    try {
      return await work(source);
    } finally {
      await source.close();
    }
  }

  /** Brings what is selected into the archive; resolves also when a part is missing (see TransferResult). */
  async retrieve(
    node: string,
    selection: Selection,
    options: {
      retrieve?: 'get' | 'move';
      retries: number;
      onProgress(progress: RetrieveProgress): void;
      /** See StudyTransfer. */
      pause(ms: number, reason: string): Promise<void>;
      signal: AbortSignal;
    },
  ): Promise<TransferResult> {
    const { archive, useCases } = this.#parts;
    useCases.check('retrieve', selection.studyUid);
    const entry = { studyUids: [selection.studyUid], detail: `from ${node}` };
    useCases.audit('begin-transferring', 0, entry);
    // While the node is asked what it has.
    archive.expectInstances();
    try {
      await archive.checks.noteLost(selection.studyUid);
      const result = await this.with(
        node,
        (source) =>
          retrieveWhole({
            source,
            sink: createArchiveSink(archive.ingest),
            index: archive.index,
            selection,
            name: node,
            onProgress: options.onProgress,
            pause: options.pause,
            onUnasked: (studyUid, instanceCount) =>
              useCases.audit('instances-transferred', 4, {
                studyUids: [studyUid],
                detail: `from ${node}, not asked for`,
                instanceCount,
              }),
            signal: options.signal,
            retries: options.retries,
            connections: this.#connectionsFor(node, options.retrieve),
          }),
        options.retrieve ? { retrieve: options.retrieve } : {},
      );
      const isWhole =
        !result.stopped &&
        !result.failed.length &&
        !result.cut.length &&
        (result.expected === null || result.received >= result.expected);
      useCases.audit('instances-transferred', isWhole ? 0 : 4, { ...entry, instanceCount: result.received });
      return result;
    } catch (error) {
      useCases.audit('instances-transferred', 8, entry);
      throw error;
    }
  }

  /** C-MOVE stays at one: a peer that does not name the move that its C-STOREs belong to would mix two up. */
  #connectionsFor(node: string, retrieve: 'get' | 'move' | undefined): number {
    const settings = this.#parts.nodes.get(node);
    const isMove = settings.kind === 'dimse' && (retrieve ?? settings.retrieve) === 'move';
    return isMove ? 1 : (settings.connections ?? DEFAULT_CONNECTIONS);
  }

  /** Sends stored instances; one outcome for each, in order. */
  async send(
    node: string,
    locations: readonly InstanceLocation[],
    onOutcome: (outcome: StoreOutcome) => void,
    signal: AbortSignal,
  ): Promise<StoreOutcome[]> {
    const { archive, useCases } = this.#parts;
    const studyUids = [...new Set(locations.map(({ studyUid }) => studyUid))];
    for (const study of studyUids) useCases.check('send', study);
    const entry = { studyUids, detail: `to ${node}` };
    useCases.audit('begin-transferring', 0, entry);
    const outcomes = await this.with(node, (source) =>
      source.store(
        locations.map((location) => outgoing(archive, location, this.#uncompressor)),
        onOutcome,
        signal,
      ),
    ).catch((error: unknown) => {
      useCases.audit('instances-transferred', 8, entry);
      throw error;
    });
    const sent = outcomes.filter(({ outcome }) => outcome === 'sent' || outcome === 'warning').length;
    useCases.audit('instances-transferred', sent === outcomes.length ? 0 : sent ? 4 : 8, {
      ...entry,
      instanceCount: sent,
    });
    return outcomes;
  }

  /** Asks a node whether it answers for what was sent (storage commitment). `patienceMs`: for a report that comes to our receiver. */
  commit(
    node: string,
    locations: readonly InstanceLocation[],
    signal: AbortSignal,
    options: { patienceMs?: number; onOther?(result: CommitResult): void } = {},
  ): Promise<CommitResult> {
    const references = locations.map(({ sopClassUid, sopUid }) => ({ sopClassUid, sopInstanceUid: sopUid }));
    const { patienceMs: commitTimeoutMs } = options;
    return this.with(
      node,
      (source) => source.commit(references, signal, options.onOther),
      commitTimeoutMs === undefined ? {} : { commitTimeoutMs },
    );
  }

  /** Whether only the beginning of this instance is here: whoever gets it has no more of it. */
  isCut(sopUid: string): boolean {
    return this.#parts.archive.index.damage.isCut(sopUid);
  }

  /** Stored instances below these UIDs of any level. Throws LecternError 'not-found' naming the one that is not here, unless what was
   * removed meanwhile may be passed over. */
  locate(uids: readonly string[], { mayBeGone = false } = {}): InstanceLocation[] {
    const found = new Map<number, InstanceLocation>();
    for (const uid of uids) {
      const below = [{ studyUid: uid }, { seriesUid: uid }, { sopUid: uid }]
        .map((where) => this.#parts.archive.index.locateAll(where))
        .find((locations) => locations.length > 0);
      if (!below && mayBeGone) continue;
      if (!below) throw new LecternError('not-found', `Nothing with UID ${uid} is in the archive.`);
      for (const location of below) found.set(location.id, location);
    }
    return [...found.values()];
  }

  /** What is lacking of those studies and series among `uids` of which these instances were located just now. */
  lackOf(uids: readonly string[], located: readonly InstanceLocation[]): Lack {
    return lackOf(this.#parts.archive.index, uids, located);
  }

  /** Instances of these studies and series that were stored here and are lost: their UIDs. */
  lostOf(uids: readonly string[]): string[] {
    const { db } = this.#parts.archive.index;
    return [...new Set(uids.flatMap((uid) => lostInstances(db, uid).map(({ sopUid }) => sopUid)))];
  }
}
