// A DIMSE node as a Source: each call is an association of its own (or several), so that calls never wait for one another.
import { LecternError } from '#shared/contract/errors.ts';
import type { QueryAnswer, QueryRequest, Source } from '../source.ts';
import type { DimseNode } from './node.ts';
import type { DimseScp } from './scp/scp.ts';
import { commit } from './services/commit.ts';
import { CommitmentReports } from './services/commitment-reports.ts';
import { find } from './services/find.ts';
import { getProposals } from './services/get-proposals.ts';
import { getInstances, moveInstances } from './services/retrieve.ts';
import { PatientIds } from './services/patient-ids.ts';
import { storeInstances } from './services/store-scu.ts';
import { whatToExpect } from './services/what-to-expect.ts';
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
  const patients = new PatientIds(node);
  const query = async function* (request: QueryRequest, signal: AbortSignal): AsyncGenerator<QueryAnswer> {
    yield* find(node, await patients.keyed(request, signal), signal);
  };
  return {
    test: (signal) => testNode(node, scp, both(signal)),
    query: (request, signal) => query(request, both(signal)),
    retrieve: async (selection, sink, onProgress, callersSignal) => {
      const signal = both(callersSignal);
      const patientId = await patients.of(selection, signal);
      const retrieval = {
        node,
        sink,
        onProgress,
        signal,
        selection: patientId === undefined ? selection : { ...selection, patientId },
      };
      if (node.retrieve === 'get') {
        const known = await whatToExpect((request) => query(request, signal), retrieval.selection, signal);
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
    commit: (references, signal, onOther) =>
      commit(
        node,
        references,
        {
          reports: scp?.commitments ?? new CommitmentReports(),
          hasProvider: scp !== undefined,
          // A report to our provider comes when the peer has looked, which some do minutes later.
          timeoutMs: parts.commitTimeoutMs ?? (scp ? 600_000 : 60_000),
          lingerMs: parts.commitLingerMs ?? 2_000,
          ...(onOther && { onOther }),
        },
        both(signal),
      ),
    close: async () => closing.abort(new LecternError('peer-closed', 'The node was closed here.')),
  };
}
