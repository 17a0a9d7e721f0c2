// One end of a DIMSE test over real sockets: our provider, our sources, scripted archives, and the end of whatever was started.
import type { Source } from '../../source.ts';
import { createDimseSource, type DimseSourceParts } from '../dimse-source.ts';
import type { DimseNode } from '../node.ts';
import { DimseScp } from '../scp/scp.ts';
import type { Admission, ScpEvents, ScpSettings } from '../scp/scp-settings.ts';
import type { CommitmentReports } from '../services/commitment-reports.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from '../settings.ts';
import type { MemorySink } from './memory-sink.ts';
import { startPeer, type PeerScript, type ScriptedPeer } from './scripted-peer.ts';

const ends: (() => Promise<unknown>)[] = [];
/** Ends what the test has started. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0)) await end();
}
export const endLater = (end: () => Promise<unknown>): void => void ends.push(end);
export const signal = new AbortController().signal;
export const nothing = (): void => undefined;

export async function startScp(
  sink: MemorySink,
  more: {
    scp?: Partial<ScpSettings>;
    policy?: () => Admission;
    events?: ScpEvents;
    commitments?: CommitmentReports;
  } = {},
): Promise<DimseScp & { port: number }> {
  const scp = new DimseScp(
    { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 4, ...more.scp },
    {
      sink,
      policy: more.policy ?? (() => ({ isAdmitted: true })),
      ...(more.events && { events: more.events }),
      ...(more.commitments && { commitments: more.commitments }),
    },
  );
  const { port } = await scp.listen();
  ends.push(() => scp.close());
  return Object.assign(scp, { port });
}
export const nodeAt = (port: number, more: Partial<DimseNode> = {}): DimseNode => ({
  aet: 'PEER',
  callingAet: 'LECTERN',
  host: '127.0.0.1',
  port,
  retrieve: 'get',
  ...more,
});
export async function peerWith(script: PeerScript): Promise<ScriptedPeer> {
  const peer = await startPeer(script);
  ends.push(() => peer.close());
  return peer;
}
export function sourceAt(
  port: number,
  more: Partial<DimseNode> = {},
  scp?: DimseScp,
  parts: DimseSourceParts = {},
): Source {
  const source = createDimseSource(nodeAt(port, more), { ...parts, ...(scp && { scp }) });
  ends.push(() => source.close());
  return source;
}

/** Patience short enough for a test that waits for its end, and longer than a busy machine takes for what comes before. */
export const QUICK: AssociationSettings = {
  ...DEFAULT_SETTINGS,
  associateTimeoutMs: 700,
  artimTimeoutMs: 700,
  messageTimeoutMs: 700,
  responseTimeoutMs: 700,
  idleTimeoutMs: 700,
};
