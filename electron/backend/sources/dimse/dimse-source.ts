// A DIMSE node as a Source: each call is an association of its own (or several), so that calls never wait for one another.
import { LecternError } from '#shared/contract/errors.ts';
import { textsOf } from '#shared/dicom/json-values.ts';
import type { QueryRequest, Selection, Source } from '../source.ts';
import type { DimseNode } from './node.ts';
import type { DimseScp } from './scp/scp.ts';
import { commit } from './services/commit.ts';
import { CommitmentReports } from './services/commitment-reports.ts';
import { find } from './services/find.ts';
import { getProposals } from './services/get-proposals.ts';
import { getInstances, moveInstances } from './services/retrieve.ts';
import { storeInstances } from './services/store-scu.ts';
import { testNode } from './node-test.ts';

export interface DimseSourceParts {
  /** Our provider, listening: without it there is no C-MOVE, and commitment reports come on the asking association only. */
  scp?: DimseScp;
  /** For a commitment report, in ms. */
  commitTimeoutMs?: number;
  /** How long the asking association is kept for it where the provider listens, in ms. */
  commitLingerMs?: number;
}

export function createDimseSource(node: DimseNode, parts: DimseSourceParts = {}): Source {
  const closing = new AbortController();
  const both = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal]);
  const { scp } = parts;
  return {
    test: (signal) => testNode(node, scp, both(signal)),
    query: (request, signal) => find(node, request, both(signal)),
    retrieve: async (selection, sink, onProgress, signal) => {
      const retrieval = { node, selection, sink, onProgress, signal: both(signal) };
      if (node.retrieve === 'get') {
        const known = await whatToExpect(node, selection, retrieval.signal);
        return getInstances(retrieval, getProposals(known, node.preferredTransferSyntaxUids, node.privateSopClassUids));
      }
      if (!scp)
        throw new LecternError(
          'conflict',
          'C-MOVE needs our own receiver, and it is not running. Start it, or set this node to C-GET.',
        );
      return moveInstances(retrieval, scp);
    },
    store: (instances, onOutcome, signal) => storeInstances(node, instances, onOutcome, both(signal)),
    commit: (references, signal) =>
      commit(
        node,
        references,
        {
          reports: scp?.commitments ?? new CommitmentReports(),
          hasProvider: scp !== undefined,
          timeoutMs: parts.commitTimeoutMs ?? 60_000,
          lingerMs: parts.commitLingerMs ?? 2_000,
        },
        both(signal),
      ),
    close: async () => closing.abort(new LecternError('peer-closed', 'The node was closed here.')),
  };
}

/** What the study is likely to hold, as far as the node tells; nothing is no failure. */
async function whatToExpect(
  node: DimseNode,
  { studyUid, seriesUid }: Selection,
  signal: AbortSignal,
): Promise<{ modalities: string[]; sopClassUids: string[] }> {
  const study = { path: ['0020000D'], vr: 'UI', value: studyUid };
  const values = async (request: QueryRequest, tags: readonly string[]): Promise<string[][]> => {
    const found = tags.map((): string[] => []);
    for await (const answer of find(node, request, signal))
      if (answer.kind === 'match')
        for (const [index, tag] of tags.entries()) found[index]?.push(...textsOf(answer.dataset, tag));
    return found.map((list) => [...new Set(list.filter((value) => value !== ''))]);
  };
  try {
    if (seriesUid === undefined) {
      const [modalities = [], sopClassUids = []] = await values(
        { level: 'study', keys: [study], include: ['00080061', '00080062'] },
        ['00080061', '00080062'],
      );
      if (modalities.length + sopClassUids.length > 0) return { modalities, sopClassUids };
    }
    const series = seriesUid === undefined ? [] : [{ path: ['0020000E'], vr: 'UI', value: seriesUid }];
    const [modalities = []] = await values({ level: 'series', keys: [study, ...series], include: [] }, ['00080060']);
    return { modalities, sopClassUids: [] };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LecternError && (error.code === 'peer-rejected' || error.code === 'peer-failed'))
      return { modalities: [], sopClassUids: [] };
    throw error;
  }
}
