// Whose study it is: below the patient the patient root wants the Patient ID with every request (PS3.4 C.4.1.3.1, C.4.2.2.1), and
// callers think in studies. In the study root there is nothing to add.
import { LecternError } from '#shared/contract/errors.ts';
import { belongsTo, textOf } from '#shared/dicom/json-values.ts';
import { isRefusal } from '../../refusal.ts';
import type { QueryRequest, Selection } from '../../source.ts';
import type { DimseNode } from '../node.ts';
import { find } from './find.ts';

const PATIENT_ID = '00100020';
const STUDY_UID = '0020000D';

export class PatientIds {
  readonly #node: DimseNode;
  readonly #known = new Map<string, string>();

  constructor(node: DimseNode) {
    this.#node = node;
  }

  /** Undefined in the study root. Rejects with LecternError 'peer-rejected' where the node does not tell. */
  async of(
    { studyUid, patientId }: Pick<Selection, 'studyUid' | 'patientId'>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#node.root !== 'patient') return undefined;
    const known = patientId ?? this.#known.get(studyUid);
    if (known !== undefined) return known;
    const found = (await this.#ask('study', studyUid, signal)) ?? (await this.#ask('patient', studyUid, signal));
    if (found === undefined)
      throw new LecternError(
        'peer-rejected',
        `${this.#node.aet} does not tell whose study ${studyUid} is, and in the patient root it must be asked by Patient ID. Set this node to the study root, or search for the patient first.`,
      );
    this.#known.set(studyUid, found);
    return found;
  }

  /** The study root needs no Patient ID to find one, and most nodes have it beside the other; the patient root only where the node
   * takes relational queries. Undefined where that is refused. */
  async #ask(root: 'study' | 'patient', studyUid: string, signal: AbortSignal): Promise<string | undefined> {
    const keys = [{ path: [STUDY_UID], vr: 'UI', value: studyUid }];
    try {
      for await (const answer of find({ ...this.#node, root }, { level: 'study', keys, include: [] }, signal)) {
        if (answer.kind !== 'match' || !belongsTo(answer.dataset, STUDY_UID, studyUid)) continue;
        const found = textOf(answer.dataset, PATIENT_ID);
        if (found !== undefined && found !== '') return found;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isRefusal(error)) throw error;
    }
    return undefined;
  }

  /** The request with its patient's ID where the root and the level want it. */
  async keyed(request: QueryRequest, signal: AbortSignal): Promise<QueryRequest> {
    const { level, keys } = request;
    if (this.#node.root !== 'patient' || (level !== 'series' && level !== 'instance')) return request;
    const valueOf = (tag: string): string | undefined =>
      keys.find(({ path }) => path.length === 1 && path[0] === tag)?.value;
    const studyUid = valueOf(STUDY_UID);
    if (studyUid === undefined || valueOf(PATIENT_ID) !== undefined) return request;
    const known = request.patientId;
    const patientId = await this.of({ studyUid, ...(known !== undefined && { patientId: known }) }, signal);
    return patientId === undefined
      ? request
      : { ...request, keys: [...keys, { path: [PATIENT_ID], vr: 'LO', value: patientId }] };
  }
}
