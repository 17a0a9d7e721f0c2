// 24 modalities that send at once for two minutes (BENCH_SECONDS), each its own study of 525 KB CT slices that no one has seen
// before: every instance answered with success is in the archive and verifies, or the bench fails. Instances a second against
// Orthanc on the same work (asked: at least 4x), and the backend's peak memory (asked: at most 250 MB). The senders are ours and run
// beside the receiver on the same processors, so that both sides' rates say less than those of store-scp.
// What held half a gigabyte: nothing that grew, but buffers that outlived two cheap collections and then waited for a full one.
// Used again instead: pieces of shared memory (as many as are ever under way), sealed chunks, the bytes of a read. 52 MB are Node's
// own code, 25 the heaps of three threads; SQLite's cache is 8 MB instead of 32. Sampled over two minutes it stays level. A small
// Buffer is a view of Node's common 64 KB: sent to another thread it took all of it along with each record, 20 MB/s of garbage.
// What is left beyond live bytes is garbage that the collector lets lie: less outside the heap makes it run less often, and the heap
// of the main thread grows instead. glibc's arenas hold 14 MB more than two of them would (MALLOC_ARENA_MAX cannot be set from inside).
import fs from 'node:fs';
import path from 'node:path';
import { createDimseSource } from '#backend/sources/dimse/dimse-source.ts';
import type { OutgoingInstance } from '#backend/sources/source.ts';
import { startShell, temporaryFolder } from '../support/lectern.ts';
import { signIn } from '../support/shell-session.ts';
import { parsedFile } from '../support/dimse-peers.ts';
import { dataSet, median, needPeers, print } from './measure.ts';
import { lectern, peer, portOf, startReceiver } from './measure-transfers.ts';

const SENDERS = 24;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 120);
/** Each round takes twice BENCH_SECONDS and some 20 GB of disk. */
const ROUNDS = Number(process.env['BENCH_RUNS'] ?? 1);
/** Instances of one association; then the sender opens the next one, as modalities do. */
const PER_ASSOCIATION = 50;

needPeers('store-24', dataSet('ct200'));
const template = loadTemplate();

interface Template {
  dataset: Buffer;
  transferSyntaxUid: string;
  sopClassUid: string;
  /** Where the UIDs stand, and how long they are. */
  places: { study: Place[]; series: Place[]; sop: Place[] };
}
interface Place {
  at: number;
  length: number;
}

function loadTemplate(): Template {
  const folder = dataSet('ct200');
  const [name = ''] = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((each) => each.endsWith('.dcm'));
  const bytes = fs.readFileSync(path.join(folder, name));
  const { meta, dataset, datasetOffset } = parsedFile(bytes);
  const body = bytes.subarray(datasetOffset);
  const value = (tag: string): string => String(dataset[tag]?.Value?.[0]);
  const places = (tag: string): Place[] => {
    const uid = value(tag);
    const found: Place[] = [];
    for (let at = body.indexOf(uid, 0, 'latin1'); at >= 0; at = body.indexOf(uid, at + 1, 'latin1'))
      found.push({ at, length: uid.length });
    return found;
  };
  return {
    dataset: body,
    transferSyntaxUid: String(meta['00020010']?.Value?.[0]),
    sopClassUid: value('00080016'),
    places: { study: places('0020000D'), series: places('0020000E'), sop: places('00080018') },
  };
}

/** A UID of that many characters, the same for the same numbers. */
const uidOf = (length: number, kind: number, sender: number, index: number): string =>
  `2.25.${kind}${String(sender).padStart(2, '0')}${String(index).padStart(length - 8, '0')}`;
const lengthOf = (places: readonly Place[]): number => places[0]?.length ?? 0;
const studyOf = (sender: number, round: number): string => uidOf(lengthOf(template.places.study), 1, sender, round);

function slice(sender: number, round: number, index: number): OutgoingInstance {
  const { places, dataset, sopClassUid, transferSyntaxUid } = template;
  const sopInstanceUid = uidOf(lengthOf(places.sop), 3, sender, round * 1_000_000 + index);
  return {
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid,
    sizeBytes: dataset.length,
    async *dataset() {
      const head = Buffer.from(dataset.subarray(0, 8192));
      const put = (list: readonly Place[], uid: string): void => {
        for (const { at } of list) head.write(uid, at, 'latin1');
      };
      put(places.study, studyOf(sender, round));
      put(places.series, uidOf(lengthOf(places.series), 2, sender, round));
      put(places.sop, sopInstanceUid);
      yield head;
      yield dataset.subarray(head.length);
    },
  };
}

interface Receiver {
  aet: string;
  port: number;
  /** Orthanc closes connections now and then (seen with 24 senders): what fails there is counted and not sent again. */
  mayFail?: boolean;
}

/** Sends until the time is over; the UIDs that were answered with success. */
async function send(to: Receiver, sender: number, round: number, until: number): Promise<string[]> {
  const calling = `MODALITY${sender}`;
  const { aet, port } = to;
  const source = createDimseSource({ aet, callingAet: calling, host: '127.0.0.1', port, retrieve: 'get' });
  const acknowledged: string[] = [];
  for (let index = 0; Date.now() < until; index += PER_ASSOCIATION) {
    const batch = Array.from({ length: PER_ASSOCIATION }, (_, at) => slice(sender, round, index + at));
    const outcomes = await source.store(batch, () => undefined, new AbortController().signal);
    for (const { outcome, sopInstanceUid, reason } of outcomes) {
      if (outcome === 'sent') acknowledged.push(sopInstanceUid);
      else if (to.mayFail) failedAtOrthanc++;
      else throw new Error(`${calling} to ${aet}: ${outcome}: ${reason}`);
    }
  }
  return acknowledged;
}

/** Everybody at once; what was acknowledged, by sender, and instances a second. */
async function sendAll(to: Receiver, round: number): Promise<{ acknowledged: string[][]; rate: number }> {
  const started = Date.now();
  const senders = Array.from({ length: SENDERS }, (_, sender) => send(to, sender, round, started + SECONDS * 1000));
  const acknowledged = await Promise.all(senders);
  return { acknowledged, rate: acknowledged.flat().length / ((Date.now() - started) / 1000) };
}

/** Throws unless each acknowledged instance is in the archive, and all of it is whole. */
async function checkNoLoss(folder: string, round: number, acknowledged: readonly string[][]): Promise<void> {
  const { damaged } = JSON.parse(lectern(folder, 'verify', '--json')) as { damaged: unknown[] };
  if (damaged.length) throw new Error(`${damaged.length} damaged`);
  const shell = await startShell(folder);
  const api = await signIn(shell);
  for (const [sender, uids] of acknowledged.entries()) {
    const held = new Set<unknown>();
    for (let before = -1; before < held.size;) {
      before = held.size;
      const address = `/api/dicomweb/studies/${studyOf(sender, round)}/instances?limit=1000&offset=${held.size}`;
      const answer = await api(address);
      if (answer.status === 204) break;
      const page = (await answer.json()) as { '00080018': { Value: string[] } }[];
      for (const each of page) held.add(each['00080018'].Value[0]);
    }
    const lost = uids.filter((uid) => !held.has(uid));
    if (lost.length)
      throw new Error(`${lost.length} of ${uids.length} of sender ${sender} were acknowledged and are not there`);
  }
  await shell.stop();
}

const ORTHANC = { aet: 'ORTHANC', port: portOf('ORTHANC_DICOM_PORT', 14242), mayFail: true };
let failedAtOrthanc = 0;
const values: Record<'lectern' | 'orthanc', number[]> = { lectern: [], orthanc: [] };
const memoryMb: number[] = [];
let instances = 0;
for (let round = 1; round <= ROUNDS; round++) {
  using folder = temporaryFolder();
  const receiver = await startReceiver(folder.path);
  const ours = await sendAll({ aet: 'LECTERN', port: receiver.port }, round);
  memoryMb.push(await receiver.stop());
  await checkNoLoss(folder.path, round, ours.acknowledged);
  instances += ours.acknowledged.flat().length;
  peer('orthanc.sh', 'start');
  const theirs = await sendAll(ORTHANC, round);
  peer('orthanc.sh', 'reset');
  peer('orthanc.sh', 'stop');
  values.lectern.push(ours.rate);
  values.orthanc.push(theirs.rate);
}
print('store-24', values, 'instances/s', {
  seconds: SECONDS,
  senders: SENDERS,
  rateAgainst_orthanc: Number((median(values.lectern) / median(values.orthanc)).toFixed(2)),
  verifiedInstances: instances,
  failedAtOrthanc,
  backendPeakMb: Math.round(Math.max(...memoryMb)),
});
process.exit(0);
