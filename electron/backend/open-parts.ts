// What an unlocked data folder is made of: archive, audit, settings, jobs with the runner of each kind, watched folders.
// Opened together, closed together.
import path from 'node:path';
import { Archive } from './archive/archive.ts';
import type { ArchiveKeys, KeyStore } from './archive/key-envelope.ts';
import { WORDS_OF_LOSS } from './archive/lost-instances.ts';
import { NotDestroyed } from './archive/removals.ts';
import { planRetention, runRetention, type RetentionInput, type RetentionRules } from './archive/retention.ts';
import { runVerify } from './archive/verify.ts';
import { AuditLog } from './audit/audit-log.ts';
import { logEndIn } from './audit/log-end.ts';
import type { FailedUnlocks } from './audit/failed-unlocks.ts';
import { heldStudies } from './held-studies.ts';
import { runDemo } from './intake/demo.ts';
import { runImport, type ImportInput } from './intake/import.ts';
import { Uploads } from './intake/uploads.ts';
import { WatchFolders } from './intake/watch-folders.ts';
import { isClosing, type JobContext } from './jobs/job-context.ts';
import { JobQueue } from './jobs/job-queue.ts';
import { UPKEEP } from './jobs/lanes.ts';
import { GOT_NO_FURTHER } from './jobs/live-job.ts';
import { JobStore } from './jobs/job-store.ts';
import { Exports } from './media/exports.ts';
import { Marks } from './measurements/marks.ts';
import type { People } from './people/people.ts';
import { createPicturePool, type PicturePool } from './rendering/renderer.ts';
import type { OpenBackend } from './routes/api.ts';
import { Renewals } from './renewals.ts';
import { readRetention } from './routes/settings.ts';
import { UseCases } from './people/use-cases.ts';
import { ClockDoubt } from './settings/clock-doubt.ts';
import { SettingsStore } from './settings/settings-store.ts';
import { NodeStore } from './credentials/node-store.ts';
import { SecretVault } from './credentials/secret-vault.ts';
import type { IngestOutcome } from './archive/ingest-outcome.ts';
import { createArchiveSink } from './transfer/archive-sink.ts';
import { ArrivalNotes } from './transfer/arrival-notes.ts';
import { ArrivalRules } from './transfer/arrival-rules.ts';
import { Receiver, type ReceiverParts } from './transfer/receiver.ts';
import { takeLateReport } from './transfer/send-ending.ts';
import { registerTransferJobs } from './transfer/transfer-jobs.ts';
import { Transfers } from './transfer/transfers.ts';
import { LecternError } from '#shared/contract/errors.ts';

export interface OpenParts extends OpenBackend {
  exports: Exports;
  nodes: NodeStore;
  receiver: Receiver;
  transfers: Transfers;
  rules: ArrivalRules;
  audit: AuditLog;
  pictures: PicturePool;
  settings: SettingsStore;
  watchFolders: WatchFolders;
  marks: Marks;
  renewals: Renewals;
  close(): Promise<void>;
}

const WATCH_EVERY_MS = 2000;
const RETENTION_EVERY_MS = 10 * 60 * 1000;
const WORKLIST_EVERY_MS = 10 * 60 * 1000;

/** Local date as DA (PS3.5 6.2). */
const dicomDate = (date: Date): string =>
  [date.getFullYear(), String(date.getMonth() + 1).padStart(2, '0'), String(date.getDate()).padStart(2, '0')].join('');

export interface PartsPorts {
  dataDir: string;
  people: People;
  keyStore?: KeyStore;
  /** A program that stays: it goes on with unfinished jobs, watches folders, listens, keeps the rules. Others do none of that by
   * themselves. */
  isResident?: boolean;
  onBug(error: unknown): void;
}

export async function openParts(
  ports: PartsPorts,
  keys: ArchiveKeys,
  failedUnlocks: FailedUnlocks,
): Promise<OpenParts> {
  const renewals = new Renewals();
  const archive = new Archive(ports.dataDir, keys, renewals.note, (error) =>
    error instanceof NotDestroyed ? renewals.say(error.message) : ports.onBug(error),
  );
  if (archive.index.isFresh && archive.needsRebuild) renewals.missIndex();
  // What is stored can be read whatever comes of this; what it could not do, the next start tries again.
  const settled = await archive.settleAfterCrash().catch(ports.onBug);
  const auditFile = path.join(ports.dataDir, 'audit.db');
  if (!archive.index.isFresh) renewals.missAudit(auditFile);
  const settings = new SettingsStore(path.join(ports.dataDir, 'settings.db'), keys.settings, renewals.note);
  const audit = new AuditLog(auditFile, keys.audit, renewals.note, logEndIn(settings));
  if (audit.lacksFrom !== undefined) renewals.lackAudit(audit.lacksFrom);
  const marks = new Marks(archive, path.join(ports.dataDir, 'marks.db'), keys.marks, renewals.note);
  const useCases = new UseCases(ports.people, audit);
  const jobs = new JobQueue(new JobStore(archive.index.db), ports.onBug);
  renewals.tellTo(useCases, jobs);
  const pictures = createPicturePool();
  const uploads = new Uploads(archive, jobs, {
    spoolDir: path.join(ports.dataDir, 'tmp'),
    onTaken: (counts, isWhole) => useCases.auditImport(counts, isWhole, 'upload'),
    onBug: ports.onBug,
  });
  const exports = new Exports({
    archive,
    jobs,
    useCases,
    read: (location) => archive.pieces(location),
    onBug: ports.onBug,
  });
  const nodes = new NodeStore(settings, new SecretVault(settings, ports.keyStore));
  const notes = new ArrivalNotes(archive.index.db);
  const receiver = createReceiver(
    { archive, settings, nodes, useCases, onBug: ports.onBug, isResident: ports.isResident === true },
    {
      coming: (sopInstanceUid, callingAet) => (rules.isWatching ? notes.expect(callingAet, sopInstanceUid) : undefined),
      arrived: (callingAet, arrived) => {
        rules.arrived(callingAet, arrived);
        if (rules.isWatching) notes.forget(arrived);
      },
      lateCommitment: (report, peer) =>
        takeLateReport(jobs, report, peer, {
          nodes: nodes.list().flatMap(({ settings: node }) => (node.kind === 'dimse' ? node : [])),
          isKnown: (uid) => archive.index.locate(uid) !== undefined || jobs.wasSent(uid),
        }),
    },
  );
  const transfers = new Transfers({ archive, nodes, receiver, useCases });
  const rules = new ArrivalRules({ settings, archive, jobs, transfers, nodes, onBug: ports.onBug });
  try {
    // By each that opens this, also for one command: a leap is told by when the clock was looked at last.
    new ClockDoubt(settings).look();
    rules.mayHaveMissed(notes.without(settled?.taken ?? []));
    if (!archive.needsRebuild && !archive.isUnsettled) notes.beginAnew();
  } catch (error) {
    // A disk that takes no job: what is stored can be read all the same.
    ports.onBug(error);
  }
  registerRunners({ archive, settings, useCases, jobs, marks });
  registerTransferJobs(jobs, transfers, (studyUid) => rules.fetchPriors(studyUid));
  failedUnlocks.handOver((at) => useCases.audit('login-failed', 4, { detail: `wrong passphrase at ${at}` }));
  useCases.audit('application-start', 0, {
    ...(settled &&
      settled.taken.length + settled.removed + settled.left > 0 && {
        instanceCount: settled.taken.length,
        detail: `after a crash: ${settled.taken.length} files taken in, ${settled.removed} unfinished ones removed, ${settled.left} not readable now`,
      }),
  });
  const watchFolders = new WatchFolders(settings, archive.index.db, {
    archive,
    jobs,
    intervalMs: WATCH_EVERY_MS,
    onTaken: (counts, isWhole) => useCases.auditImport(counts, isWhole, 'watched folder'),
    onBug: ports.onBug,
  });
  // Before the jobs go on: a C-MOVE among them sends to it.
  if (ports.isResident === true && receiver.settings.isOn) await receiver.startOrSay();
  jobs.restore(ports.isResident === true, archive.wasCut);
  const retire =
    ports.isResident === true
      ? settle({ archive, settings, jobs, marks, watchFolders, rules, notes, onBug: ports.onBug })
      : undefined;
  const close = async (): Promise<void> => {
    retire?.();
    rules.close();
    await receiver.stop();
    await watchFolders.close();
    await uploads.close();
    await jobs.close();
    await transfers.close();
    useCases.audit('application-stop', 0);
    await pictures.close();
    await archive.close();
    marks.close();
    const lost = audit.close();
    // The log marks its end there.
    settings.close();
    if (lost > 0)
      ports.onBug(
        new LecternError('not-written', `The audit log could not be written: ${lost} audit records are lost.`),
      );
  };
  return {
    archive,
    audit,
    settings,
    nodes,
    receiver,
    transfers,
    rules,
    useCases,
    jobs,
    uploads,
    exports,
    pictures,
    watchFolders,
    marks,
    renewals,
    close,
  };
}

type Runnable = Pick<OpenParts, 'archive' | 'settings' | 'useCases' | 'jobs' | 'marks'>;

/** Takes up what a program that stays does by itself; gives the function that ends it. */
function settle({
  archive,
  settings,
  jobs,
  marks,
  watchFolders,
  rules,
  notes,
  onBug,
}: Pick<OpenParts, 'archive' | 'settings' | 'jobs' | 'marks' | 'watchFolders' | 'rules'> &
  Pick<PartsPorts, 'onBug'> & { notes: ArrivalNotes }): () => void {
  // What a full disk keeps from being done now is due again the next time.
  const trying = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LecternError)) onBug(error);
    }
  };
  // What came in just before a crash is sent on now; with an index to be made anew first, by the start after that.
  if (!archive.needsRebuild) {
    for (const [callingAet, arrived] of notes.left())
      void trying(() => {
        rules.arrived(callingAet, arrived);
        notes.forget(arrived);
      });
    if (!archive.isUnsettled) void trying(() => notes.dropOthers());
  }
  goOnWithRebuild(archive, jobs);
  watchFolders.start();
  const tidying = setInterval(
    () =>
      void trying(() => {
        archive.room.keep();
        archive.room.lend(() => keepRules({ archive, settings, jobs, marks }));
      }),
    RETENTION_EVERY_MS,
  );
  tidying.unref();
  const lookAtWorklist = (): void => void trying(() => rules.fetchForWorklist(dicomDate(new Date())));
  lookAtWorklist();
  const planning = setInterval(lookAtWorklist, WORKLIST_EVERY_MS);
  planning.unref();
  return () => {
    clearInterval(tidying);
    clearInterval(planning);
  };
}

/** An archive whose index is not made anew looks empty: only what may have ended the program waits for a person. */
function goOnWithRebuild(archive: Archive, jobs: JobQueue): void {
  if (!archive.needsRebuild) return jobs.endPaused('rebuild');
  const left = jobs.list().find(({ kind, finishedAt }) => kind === 'rebuild' && finishedAt === null);
  if (!left) jobs.start('rebuild', 'Make the index anew from the stored files', {});
  else if (left.state === 'paused' && left.message !== GOT_NO_FURTHER) jobs.resume(left.id);
}

function createReceiver(
  {
    archive,
    settings,
    nodes,
    useCases,
    isResident,
    onBug,
  }: Pick<OpenParts, 'archive' | 'settings' | 'nodes' | 'useCases'> &
    Pick<PartsPorts, 'onBug'> & { isResident: boolean },
  tell: {
    coming(sopInstanceUid: string, callingAet: string): ((outcome: IngestOutcome) => void) | undefined;
    arrived(callingAet: string, arrived: readonly IngestOutcome[]): void;
    lateCommitment: ReceiverParts['onLateCommitment'];
  },
): Receiver {
  return new Receiver({
    settings,
    nodes,
    isResident,
    onBug,
    vault: nodes.vault,
    sinkFor: (onTaken) => createArchiveSink(archive.ingest, onTaken, tell.coming),
    onArrived: (callingAet, arrived) => {
      // The rules first: where the disk takes none of their jobs all of this is told again.
      tell.arrived(callingAet, arrived);
      try {
        useCases.audit('instances-transferred', 0, {
          studyUids: [...new Set(arrived.flatMap(({ studyUid }) => studyUid ?? []))],
          instanceCount: arrived.length,
          detail: `received from ${callingAet}`,
        });
      } catch (error) {
        onBug(error);
      }
    },
    onLateCommitment: tell.lateCommitment,
    onRefused: ({ callingAet, address }, why) =>
      useCases.audit('node-refused', 8, { detail: `${callingAet} at ${address}: ${why}` }),
  });
}

/** The rules as they hold now: none of age while the clock is doubted, unless a person asks for it. */
function rulesNow(settings: SettingsStore, isAsked = false): RetentionRules {
  const rules = readRetention(settings);
  return isAsked || new ClockDoubt(settings).look() === null ? rules : { ...rules, maxAgeDays: null };
}

function registerRunners({ archive, settings, useCases, jobs, marks }: Runnable): void {
  jobs.register<ImportInput>('import', async (context, input) => {
    let isWhole = false;
    try {
      await runImport(archive, context, input);
      isWhole = true;
    } finally {
      // One that goes on at the next start is told of when it ends.
      if (!isClosing(context.signal)) useCases.auditImport(jobs.get(context.jobId).counts, isWhole, 'folder or medium');
    }
  });
  jobs.register('demo', (context) => runDemo(archive.ingest, context));
  jobs.register('verify', (context) => runVerify(archive, context), UPKEEP);
  jobs.register('rebuild', (context) => runRebuild(archive, context));
  jobs.register<RetentionInput>(
    'retention',
    (context, { isAsked }) => {
      const rules = rulesNow(settings, isAsked);
      return runRetention(
        archive,
        rules,
        () => heldStudies({ jobs, archive, marks }),
        context,
        (studyUid, reason) =>
          useCases.auditRemoval(archive.removeStudy(studyUid, { isRetired: true }), {
            studyUids: [studyUid],
            detail: `retention: ${reason}`,
          }),
      );
    },
    UPKEEP,
  );
}

async function runRebuild(archive: Archive, context: JobContext): Promise<void> {
  const { damaged, conflicts, missing } = await archive.rebuild(async () => {
    context.advance(1, 0);
    await context.checkpoint();
  });
  for (const { name, reason } of damaged)
    context.item({ path: name, outcome: 'refused', code: 'damaged', reason: `Left out of the index: ${reason}` }, 0);
  for (const sopUid of missing)
    context.item(
      { path: sopUid, sopInstanceUid: sopUid, outcome: 'refused', code: 'damaged', reason: WORDS_OF_LOSS },
      0,
    );
  if (damaged.length + missing.length)
    context.note(`${damaged.length} stored files could not be read, ${missing.length} are missing: see the report.`);
  else if (conflicts) context.note(`${conflicts} instances are in quarantine.`);
}

/** Starts a retention job where the rules ask for one and none is under way. */
function keepRules({
  archive,
  settings,
  jobs,
  marks,
}: Pick<OpenParts, 'archive' | 'settings' | 'jobs' | 'marks'>): void {
  archive.index.noteTime();
  const isUnderWay = jobs.list().some((job) => job.kind === 'retention' && job.finishedAt === null);
  if (isUnderWay || !archive.isRemovable) return;
  if (planRetention(archive, rulesNow(settings), heldStudies({ jobs, archive, marks }), Date.now()).remove.length)
    jobs.start('retention', 'Keep the archive within its rules', {});
}
