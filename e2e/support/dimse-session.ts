// A DIMSE interop test's own side: Lectern's provider and sources, the real files, and the end of whatever it started.
import fs from 'node:fs';
import path from 'node:path';
import { createDimseSource } from '#backend/sources/dimse/dimse-source.ts';
import type { DimseNode } from '#backend/sources/dimse/node.ts';
import { DimseScp } from '#backend/sources/dimse/scp/scp.ts';
import type { ScpPolicy, ScpSettings } from '#backend/sources/dimse/scp/scp-settings.ts';
import type { MemorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import type { QueryAnswer, QueryRequest, Source, StoreOutcome } from '#backend/sources/source.ts';
import { freePort, parsedFile, realInstances, startDcmtk, type RealInstance } from './dimse-peers.ts';
import { hasSamples, SAMPLES } from './lectern.ts';

export const signal = new AbortController().signal;
export const nothing = (): void => undefined;
const ends: (() => Promise<unknown> | void)[] = [];
/** Ends what the test has started, the last first. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await end();
}
export const endLater = (end: () => Promise<unknown> | void): void => void ends.push(end);

export const sample = (name: string): string => path.join(SAMPLES, name);
const FOLDERS = [
  'syntax_matrix_ct',
  'syntax_matrix_rgb',
  'syntax_small',
  'syntax_htj2k_jxl',
  'sr',
  'charset',
  'waveform',
  'multiframe',
  'sc_color',
];
export const instances = hasSamples
  ? realInstances(...FOLDERS.map(sample)).filter(({ sopClassUid }) => sopClassUid !== '')
  : [];
/** One file for each SOP Instance UID. */
export const distinct = [...new Map(instances.map((instance) => [instance.sopInstanceUid, instance])).values()];
export const UNKNOWN_TO_DCMTK = /\.4\.(5[357]|11[0-2]|20[1-3])$/;

export async function startScp(
  sink: MemorySink,
  more: Partial<ScpSettings> = {},
  policy: ScpPolicy = ({ calledAet }) =>
    calledAet === 'LECTERN' ? { isAdmitted: true } : { isAdmitted: false, reason: 'wrong-called-aet' },
): Promise<DimseScp & { port: number }> {
  const scp = new DimseScp(
    { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 8, ...more },
    { sink, policy },
  );
  const { port } = await scp.listen();
  ends.push(() => scp.close());
  return Object.assign(scp, { port });
}
export function sourceAt(aet: string, port: number, more: Partial<DimseNode> = {}, scp?: DimseScp): Source {
  const node: DimseNode = { aet, callingAet: 'LECTERN', host: '127.0.0.1', port, retrieve: 'get', ...more };
  const source = createDimseSource(node, { commitTimeoutMs: 30_000, ...(scp && { scp }) });
  ends.push(() => source.close());
  return source;
}
export async function startStorescp(folder: string, ...args: string[]): Promise<{ port: number; received: string }> {
  const port = await freePort();
  const received = fs.mkdtempSync(path.join(folder, 'received-'));
  const server = await startDcmtk(
    'storescp',
    port,
    '+B',
    '+xa',
    '+uf',
    '-aet',
    'STORESCP',
    '-od',
    received,
    ...args,
    String(port),
  );
  ends.push(() => server.stop());
  return { port, received };
}
export const receivedFiles = (place: string): Buffer[] =>
  fs.readdirSync(place).map((name) => fs.readFileSync(path.join(place, name)));
export const query = async (source: Source, request: Partial<QueryRequest>): Promise<QueryAnswer[]> => {
  const answers: QueryAnswer[] = [];
  for await (const answer of source.query({ level: 'study', keys: [], include: [], ...request }, signal))
    answers.push(answer);
  return answers;
};
export const named = (answers: readonly QueryAnswer[]): (string | undefined)[] =>
  answers.map((answer) => {
    const value = answer.kind === 'match' ? answer.dataset['00100010']?.Value?.[0] : answer.reason;
    return typeof value === 'object' && value !== null && 'Alphabetic' in value
      ? String(value.Alphabetic)
      : String(value);
  });
export const studiesOf = (files: readonly RealInstance[]): string[] => [
  ...new Set(files.map(({ file }) => String(parsedFile(fs.readFileSync(file)).dataset['0020000D']?.Value?.[0]))),
];
export const outcomesBy = (outcomes: readonly StoreOutcome[], outcome: string): StoreOutcome[] =>
  outcomes.filter((each) => each.outcome === outcome);

export const sorted = (list: readonly unknown[]): string[] => list.map(String).sort();
