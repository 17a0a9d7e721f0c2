// Tests a node as it will be used: name, TCP, TLS, association, then each service for real; the retrievals fetch one instance
// and throw it away. What fails says in words what to look at.
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { InstanceSink, QueryRequest, Selection, TestStep, TestStepName } from '../source.ts';
import { openTransport, type TransportStep } from './connect.ts';
import type { DimseNode } from './node.ts';
import { requestAssociation, type OpenAssociation } from './request-association.ts';
import type { DimseScp } from './scp/scp.ts';
import { echo } from './services/echo.ts';
import { find } from './services/find.ts';
import { getProposals } from './services/get-proposals.ts';
import { getInstances, moveInstances } from './services/retrieve.ts';
import { settingsOf } from './services/with-association.ts';
import { QUERY_RETRIEVE, VERIFICATION, WORKLIST_FIND } from './tables/sop-classes.ts';
import { PLAIN_SYNTAXES } from './tables/transfer-syntaxes.ts';

const sentence = (error: unknown): string => {
  if (error instanceof LecternError) return error.message;
  throw error;
};

/** Steps in their order. Only the signal makes it throw. */
export async function* testNode(
  node: DimseNode,
  scp: DimseScp | undefined,
  signal: AbortSignal,
): AsyncGenerator<TestStep, void> {
  const root = QUERY_RETRIEVE[node.root ?? 'study'];
  const offers = [VERIFICATION, root.find, root.get, root.move, WORKLIST_FIND];
  const { steps, open } = await connectSteps(node, offers, signal);
  yield* steps;
  if (!open) return;
  const isOffered = (uid: string): boolean => open.association.contextFor(uid) !== undefined;
  yield await echoStep(open);
  await open.association.release();
  const place = isOffered(root.find) ? await tryFind(node, signal) : undefined;
  yield place?.step ?? notOffered('find', 'C-FIND');
  const isWorklist = isOffered(WORKLIST_FIND);
  yield isWorklist
    ? { step: 'worklist', outcome: 'ok', detail: 'The modality worklist is offered.' }
    : notOffered('worklist', 'The modality worklist');
  const trial = place?.trial;
  // A worklist has nothing to retrieve.
  const isArchive = isOffered(root.find) || !isWorklist;
  if (!isOffered(root.get)) yield notOffered('get', 'C-GET', isArchive && node.retrieve === 'get');
  else
    yield await tryRetrieval('get', node, trial, signal, (retrieval) =>
      getInstances(retrieval, getProposals(trial?.known ?? NOTHING_KNOWN)),
    );
  if (!isOffered(root.move)) yield notOffered('move', 'C-MOVE', isArchive && node.retrieve === 'move');
  else {
    yield { step: 'move', outcome: 'ok', detail: 'C-MOVE is offered.' };
    if (scp)
      yield await tryRetrieval(
        'return-path',
        node,
        trial,
        signal,
        (retrieval) => moveInstances(retrieval, scp),
        ` Check that ${node.aet} knows ${node.moveDestinationAet ?? scp.aet} as this machine's address with port ${scp.listeningPort}.`,
      );
    else
      yield {
        step: 'return-path',
        outcome: 'skipped',
        detail: 'Nothing listens here for what C-MOVE would send: start the receiver.',
      };
  }
}

const NOTHING_KNOWN = { modalities: [], sopClassUids: [] };

const notOffered = (step: TestStepName, what: string, isNeeded = false): TestStep => ({
  step,
  outcome: isNeeded ? 'failed' : 'skipped',
  detail: `${what} is not offered to us${isNeeded ? ', and this node is set to retrieve by it' : ''}.`,
});

async function connectSteps(
  node: DimseNode,
  offers: readonly string[],
  signal: AbortSignal,
): Promise<{ steps: TestStep[]; open?: OpenAssociation }> {
  const steps: TestStep[] = [];
  const order: TransportStep[] = node.tls ? ['name-resolution', 'tcp', 'tls'] : ['name-resolution', 'tcp'];
  const settings = settingsOf(node);
  try {
    const transport = await openTransport(node, {
      timeoutMs: settings.connectTimeoutMs,
      signal,
      onStep: (step, detail) => steps.push({ step, outcome: 'ok', detail }),
    });
    const { certificate } = transport;
    const tls = steps.find(({ step }) => step === 'tls');
    if (tls && certificate) {
      tls.certificate = certificate;
      const now = Date.now();
      tls.detail += ` Certificate of ${certificate.subject}, ${validityWords(certificate, now)}.`;
      if (isValidityDue(certificate, now)) tls.outcome = 'warning';
    }
    const proposals = offers.map((abstractSyntaxUid) => ({ abstractSyntaxUid, transferSyntaxUids: PLAIN_SYNTAXES }));
    const open = await requestAssociation(node, { proposals, settings, signal, transport });
    const detail = `${node.aet} accepts ${node.callingAet}${open.implementation === undefined ? '' : `; it is ${open.implementation}`}.`;
    steps.push({ step: 'association', outcome: 'ok', detail });
    return { steps, open };
  } catch (error) {
    signal.throwIfAborted();
    steps.push({ step: order[steps.length] ?? 'association', outcome: 'failed', detail: sentence(error) });
    return { steps };
  }
}

async function echoStep({ association }: OpenAssociation): Promise<TestStep> {
  const context = association.contextFor(VERIFICATION);
  if (!context) return notOffered('echo', 'C-ECHO');
  try {
    await echo(association, context.id);
    return { step: 'echo', outcome: 'ok', detail: 'C-ECHO is answered.' };
  } catch (error) {
    return { step: 'echo', outcome: 'failed', detail: sentence(error) };
  }
}

interface Trial {
  /** One instance, or a series where the node lists none. */
  selection: Selection;
  known: { modalities: string[]; sopClassUids: string[] };
}

/** Asks for one study and walks down to one of its instances, as far as the node goes. */
async function tryFind(node: DimseNode, signal: AbortSignal): Promise<{ step: TestStep; trial?: Trial }> {
  const first = async (level: QueryRequest['level'], keys: Record<string, string>): Promise<Record<string, string>> => {
    const request = {
      level,
      keys: Object.entries(keys).map(([tag, value]) => ({ path: [tag], vr: tag === '00100020' ? 'LO' : 'UI', value })),
      include: [],
      limit: 1,
    };
    for await (const answer of find(node, request, signal))
      if (answer.kind === 'match')
        return Object.fromEntries(
          ['00100020', '0020000D', '0020000E', '00080018', '00080016', '00080060'].map((tag) => [
            tag,
            textOf(answer.dataset, tag) ?? '',
          ]),
        );
    return {};
  };
  let studyUid = '';
  try {
    // The patient root goes down from the patient (PS3.4 C.4.1.3.1).
    const above: Record<string, string> =
      node.root === 'patient' ? { '00100020': (await first('patient', {}))['00100020'] ?? '' } : {};
    studyUid = (await first('study', above))['0020000D'] ?? '';
    const ok: TestStep = {
      step: 'find',
      outcome: 'ok',
      detail: studyUid ? 'C-FIND finds studies.' : 'C-FIND is answered; there are no studies.',
    };
    if (studyUid === '') return { step: ok };
    const { '0020000E': seriesUid = '', '00080060': modality = '' } = await first('series', {
      ...above,
      '0020000D': studyUid,
    });
    if (seriesUid === '') return { step: ok };
    const { '00100020': patientId } = above;
    const series = { studyUid, seriesUid, ...(patientId !== undefined && { patientId }) };
    const keys = { ...above, '0020000D': studyUid, '0020000E': seriesUid };
    const instance = await first('instance', keys).catch((error: unknown) => {
      signal.throwIfAborted();
      return sentence(error);
    });
    const { '00080018': sopInstanceUid = '', '00080016': sopClassUid = '' } =
      typeof instance === 'string' ? {} : instance;
    if (sopInstanceUid === '') {
      const why = typeof instance === 'string' ? `: ${instance}` : '.';
      const detail = `C-FIND finds studies and series, but no instances${why}`;
      return {
        step: { step: 'find', outcome: 'warning', detail },
        trial: { selection: series, known: { modalities: [modality], sopClassUids: [] } },
      };
    }
    return {
      step: ok,
      trial: {
        selection: { ...series, sopInstanceUids: [sopInstanceUid] },
        known: { modalities: [modality], sopClassUids: sopClassUid ? [sopClassUid] : [] },
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    if (studyUid === '') return { step: { step: 'find', outcome: 'failed', detail: sentence(error) } };
    const detail = `C-FIND finds studies, but no series: ${sentence(error)}`;
    return { step: { step: 'find', outcome: 'warning', detail } };
  }
}

/** Takes one instance and forgets it. */
async function tryRetrieval(
  step: 'get' | 'return-path',
  node: DimseNode,
  trial: Trial | undefined,
  signal: AbortSignal,
  retrieve: (retrieval: Parameters<typeof moveInstances>[0]) => ReturnType<typeof moveInstances>,
  hint = '',
): Promise<TestStep> {
  if (!trial) return { step, outcome: 'skipped', detail: 'Offered; there is no instance to try it with.' };
  const fetched: TestStep = { step, outcome: 'ok', detail: 'One instance was fetched.' };
  // Of a series the first one will do.
  const enough = new AbortController();
  try {
    const { selection } = trial;
    const { expected, received, failed, warnings } = await retrieve({
      node,
      selection,
      sink: FORGETFUL,
      isTrial: true,
      onProgress: (progress) => {
        if (progress.received > 0 && !selection.sopInstanceUids) enough.abort();
      },
      signal: AbortSignal.any([signal, enough.signal]),
    });
    if (received > 0) return fetched;
    const why = [...warnings, ...failed.map(({ reason }) => reason)][0];
    if (!selection.sopInstanceUids && expected && why === undefined) {
      const detail = `${node.aet} says that it sent ${expected}, but the C-STOREs do not say for which C-MOVE: what came was taken as sent unasked.`;
      return { step, outcome: 'warning', detail };
    }
    return { step, outcome: 'failed', detail: `No instance came.${why ? ` ${why}` : ''}${hint}` };
  } catch (error) {
    signal.throwIfAborted();
    if (enough.signal.aborted) return fetched;
    return { step, outcome: 'failed', detail: `${sentence(error)}${hint}` };
  }
}

const FORGETFUL: InstanceSink = {
  open: () => {
    let sizeBytes = 0;
    return {
      write: (bytes) => {
        sizeBytes += bytes.length;
        return undefined;
      },
      finish: async () => ({ outcome: 'stored', sizeBytes }),
      abort: async () => undefined,
    };
  },
};
