// What happens with a study that arrives: routing rules send it on, prior rules fetch the patient's earlier studies. Both are
// ordinary jobs, on view and to be cancelled like any other.
import { matches } from '#backend/archive/attribute-match.ts';
import type { Archive } from '#backend/archive/archive.ts';
import type { NodeStore } from '#backend/credentials/node-store.ts';
import { textOf } from '#backend/archive/instance-record.ts';
import { Places } from '#backend/base/turns.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import { isRefusal } from '#backend/sources/refusal.ts';
import type { MatchKey, Source } from '#backend/sources/source.ts';
import { tagOf, vrOf } from '#shared/dicom/dictionary.ts';
import { personNameOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { shortTitle } from '#shared/contract/job-title.ts';
import {
  NO_PRIORS,
  priorRules,
  routingRules,
  type PriorProblem,
  type PriorRules,
  type RoutingRule,
} from '#shared/contract/receiver.ts';
import { isNew, type Arrival } from './arrival-notes.ts';
import { bodyPartsIn, choiceKey, choosePriors, openIssuers, priorOf, type Prior } from './choose-priors.ts';
import { CUTS, MOST_LISTED, seriesAttributes } from './node-lists.ts';
import { PriorProblems } from './prior-problems.ts';
import { readWorklist } from './read-worklist.ts';
import { MOST_UIDS, sendInput, type SendInput } from './send-job.ts';
import { bodyPartsHere, instancesHere, studiesHere } from './studies-here.ts';
import type { Transfers } from './transfers.ts';

const NAMED_STUDIES = 5;
/** Choices of priors that are made at a time: a worklist has hundreds of patients, and nodes take few associations. */
const CHOICES_AT_A_TIME = 4;

export interface ArrivalParts {
  settings: SettingsStore;
  archive: Archive;
  jobs: JobQueue;
  transfers: Transfers;
  nodes: Pick<NodeStore, 'has'>;
  onBug(error: unknown): void;
}

export class ArrivalRules {
  readonly #parts: ArrivalParts;
  /** Keys of the choices made in this session: a study that comes in many associations asks once. */
  readonly #lookedFor = new Set<string>();
  readonly #places = new Places(CHOICES_AT_A_TIME);
  readonly #closing = new AbortController();
  readonly #problems = new PriorProblems();

  #isWatching: boolean | undefined;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
    for (const name of ['routing', 'priors']) parts.settings.onChange(name, () => (this.#isWatching = undefined));
  }

  /** There are rules for what arrives. Asked for each instance. */
  get isWatching(): boolean {
    return (this.#isWatching ??= this.routing().length > 0 || this.priors().isOn);
  }

  routing(): RoutingRule[] {
    return this.#parts.settings.read('routing', routingRules, []);
  }
  setRouting(rules: readonly RoutingRule[]): void {
    this.#parts.settings.write('routing', rules);
  }
  priors(): PriorRules {
    return this.#parts.settings.read('priors', priorRules, NO_PRIORS);
  }
  setPriors(rules: PriorRules): void {
    this.#parts.settings.write('priors', rules);
    this.#lookedFor.clear();
    this.#problems.clear();
  }
  /** A node has another name now: the rules go on meaning it. */
  renameNode(from: string, to: string): void {
    const renamed = (name: string): string => (name === from ? to : name);
    this.setRouting(this.routing().map((rule) => ({ ...rule, sendTo: renamed(rule.sendTo) })));
    const priors = this.priors();
    const { worklistNode } = priors;
    this.setPriors({
      ...priors,
      nodes: priors.nodes.map(renamed),
      ...(worklistNode !== undefined && { worklistNode: renamed(worklistNode) }),
    });
  }
  problems(): PriorProblem[] {
    return this.#problems.list();
  }
  /** A sentence for each rule that sends to a node that is not set up. */
  routingProblems(): string[] {
    return this.routing()
      .filter(({ sendTo }) => !this.#parts.nodes.has(sendTo))
      .map(
        ({ name, sendTo }) =>
          `The rule ${name} sends nothing on, since the node ${sendTo} is not set up: what comes for it waits as jobs until it is.`,
      );
  }

  close(): void {
    this.#closing.abort();
  }

  /** Applies the rules to instances that have just come in from `callingAet`. */
  arrived(callingAet: string, instances: readonly Arrival[]): void {
    const byStudy = new Map<string, string[]>();
    for (const instance of instances) {
      const { studyUid, sopInstanceUid } = instance;
      if (studyUid === undefined || sopInstanceUid === undefined) continue;
      const list = byStudy.get(studyUid) ?? [];
      // What is here already was sent on when it came first: two systems that send on to each other would never end.
      if (isNew(instance)) list.push(sopInstanceUid);
      byStudy.set(studyUid, list);
    }
    for (const [studyUid, sopUids] of byStudy) {
      this.#route(callingAet, studyUid, sopUids);
      this.fetchPriors(studyUid);
    }
  }

  /** Says of what a power cut took the note (it is flushed a moment later than the file) that a person has to see to it, where a rule
   * fits. Whether it was received, and from whom, is not known any more. */
  mayHaveMissed(sopUids: readonly string[]): void {
    const { archive, jobs } = this.#parts;
    const rules = this.routing();
    if (!rules.length || !sopUids.length) return;
    const byStudy = Map.groupBy(sopUids, (uid) => archive.index.locate(uid)?.studyUid ?? '');
    const studyUids: string[] = [];
    let count = 0;
    for (const [studyUid, uids] of byStudy) {
      const fitting = instancesHere(this.#parts.archive.index, studyUid, uids).filter((dataset) =>
        rules.some((rule) => fits(rule, dataset)),
      );
      if (!fitting.length) continue;
      studyUids.push(studyUid);
      count += fitting.length;
    }
    if (!count) return;
    const [named, more] = [studyUids.slice(0, NAMED_STUDIES), Math.max(0, studyUids.length - NAMED_STUDIES)];
    const words = [...named.map((uid) => this.#wordsOf(uid)), ...(more ? [`${more} more`] : [])].join('; ');
    jobs
      .startDriven('verify', 'Routing rules')
      .end(
        'failed',
        `Lectern did not end in order. The rules have not seen the last that came, ${count === 1 ? '1 instance' : `${count} instances`}: send on by hand what other systems sent here of ${words}. What was imported or retrieved then may be among them: no rule is for that.`,
      );
  }

  #route(callingAet: string, studyUid: string, sopUids: readonly string[]): void {
    const rules = this.routing();
    if (!rules.length || !sopUids.length) return;
    const datasets = new Map(
      instancesHere(this.#parts.archive.index, studyUid, sopUids).map((dataset) => [
        textOf(dataset, '00080018'),
        dataset,
      ]),
    );
    for (const node of new Set(rules.map(({ sendTo }) => sendTo))) {
      const names = new Set<string>();
      // What several rules send to one node goes there once.
      const uids = sopUids.filter((uid) => {
        const dataset = datasets.get(uid);
        const fitting = dataset ? rules.filter((rule) => rule.sendTo === node && fits(rule, dataset, callingAet)) : [];
        for (const { name } of fitting) names.add(name);
        return fitting.length > 0;
      });
      if (!uids.length) continue;
      if (this.#join(node, studyUid, uids)) continue;
      const title = shortTitle(`${this.#wordsOf(studyUid)}: ${[...names].join(', ')} to ${node}`);
      const input: SendInput = { node, uids, commit: false, isByRule: true, studyUid };
      // Also to a node that is not set up: the job waits for it, over restarts and on view, and what it is to send stays here.
      this.#parts.jobs.start('send', title, input, 'bulk');
    }
  }

  /** Gives them to the job that is under way with this study to this node; false where there is none. Many send an association for each
   * image: while a node is away these would be as many jobs. */
  #join(node: string, studyUid: string, uids: readonly string[]): boolean {
    const { jobs } = this.#parts;
    return jobs.inputs('send').some(({ job, input }) => {
      if (job.finishedAt !== null || job.node !== node || job.studyUid !== studyUid) return false;
      const { data } = sendInput.safeParse(input);
      if (data?.isByRule !== true) return false;
      // What comes once more is another matter than what the job has sent, or has still to send.
      const known = new Set(data.uids);
      if (known.size + uids.length > MOST_UIDS || uids.some((uid) => known.has(uid))) return false;
      return jobs.widen(job.id, { uids: [...data.uids, ...uids] });
    });
  }

  #wordsOf(studyUid: string): string {
    const study = this.#studyOf(studyUid);
    if (!study) return studyUid;
    const { patientId, modalities, date } = priorOf(study);
    const patient = displayPersonName(personNameOf(study, '00100010')) || 'No name';
    const words = [patient, patientId, modalities.join(' '), textOf(study, '00081030'), date];
    return words.filter(Boolean).join(', ');
  }

  /** Looks for earlier studies of a study's patient, in the background. */
  fetchPriors(studyUid: string): void {
    const rules = this.priors();
    const study = rules.isOn ? this.#studyOf(studyUid) : undefined;
    if (!study) return;
    const bodyParts = rules.sameBodyPart ? bodyPartsHere(this.#parts.archive.index, studyUid) : [];
    this.#look({ ...priorOf(study), bodyParts }, rules);
  }

  #studyOf(studyUid: string): DicomJson | undefined {
    return studiesHere(this.#parts.archive.index, { path: ['0020000D'], vr: 'UI', value: studyUid })[0];
  }

  /** Fetches the priors of everybody on today's worklist. Where it cannot be asked, or does not come whole, `problems` says why; it is
   * asked again later. */
  async fetchForWorklist(today: string): Promise<number> {
    const rules = this.priors();
    if (!rules.isOn || rules.worklistNode === undefined) return 0;
    const node = rules.worklistNode;
    let count = 0;
    const look = (entry: Prior): void => {
      this.#look(entry, rules);
      count++;
    };
    const answer = await this.#asking(
      node,
      async (source) => ({ cut: await readWorklist(source, today, look, this.#closing.signal) }),
      (reason) => this.#problems.note(`worklist ${node}`, { node, what: 'worklist', reason }),
    );
    if (answer) this.#problems.gone(`worklist ${node}`);
    if (answer?.cut !== undefined) {
      const reason = `${answer.cut} Priors of what is missing are looked for once its images come.`;
      this.#problems.note(`rest ${node}`, { node, what: 'rest-of-worklist', reason });
    } else if (answer) this.#problems.gone(`rest ${node}`);
    return count;
  }

  #look(current: Prior, rules: PriorRules): void {
    const key = choiceKey(current, rules);
    // Without an ID there is no telling whose studies they are.
    if (current.patientId === '' || this.#lookedFor.has(key)) return;
    this.#lookedFor.add(key);
    const since = Date.now();
    void this.#places
      .take(() => this.#fetch(current, rules, since))
      .catch((error: unknown) => {
        // A disk that takes no job: asked again with the next study.
        if (!(error instanceof LecternError)) this.#parts.onBug(error);
        return false;
      })
      .then((isComplete) => {
        if (!isComplete) this.#lookedFor.delete(key);
      });
  }

  /** Asks a node; undefined where that failed, of which `onFailure` gets the reason. Never rejects. */
  async #asking<T>(
    node: string,
    ask: (source: Source) => Promise<T>,
    onFailure: (reason: string) => void,
  ): Promise<T | undefined> {
    try {
      return await this.#parts.transfers.with(node, ask);
    } catch (error) {
      if (this.#closing.signal.aborted) return undefined;
      if (!(error instanceof LecternError)) this.#parts.onBug(error);
      onFailure(error instanceof LecternError ? error.message : 'Something failed inside Lectern.');
      return undefined;
    }
  }

  /** False where a node could not be asked, so that it is tried again. One that went away while this one waited for its place, since
   * `since`, is not asked for each that waits. */
  async #fetch(current: Prior, rules: PriorRules, since: number): Promise<boolean> {
    const { jobs } = this.#parts;
    const choice = choiceKey(current, rules);
    let isComplete = true;
    for (const node of rules.nodes) {
      if (this.#closing.signal.aborted) return false;
      if (this.#problems.isAway(node, since, choice)) {
        isComplete = false;
        continue;
      }
      let issuers: string[] = [];
      const choose = async (source: Source): Promise<Prior[]> => {
        const studies = await this.#studiesOf(source, node, current);
        const here = studiesHere(this.#parts.archive.index, patientKey(current)).map(priorOf);
        issuers = openIssuers(current, [...studies, ...here]);
        return choosePriors(current, studies, rules, (study) => this.#bodyPartsOf(source, study));
      };
      const found = await this.#asking(node, choose, (reason) => this.#problems.failed(node, choice, reason));
      if (found) this.#problems.made(node, choice);
      isComplete &&= found !== undefined;
      const chosen = found?.filter(({ studyUid }) => !this.#isHere(studyUid) && !this.#isComing(studyUid)) ?? [];
      if (chosen.length && issuers.length) {
        this.#leaveToPerson(node, current, issuers);
        return isComplete;
      }
      for (const { studyUid, patientId, date, modalities } of chosen)
        jobs.start(
          'retrieve',
          `Prior ${date} ${modalities.join(' ')} from ${node}`,
          { node, studyUid, patientId, isPrior: true },
          'priors',
        );
      if (chosen.length) return isComplete;
    }
    return isComplete;
  }

  /** Images of one patient beside those of another would be worse than none. */
  #leaveToPerson(node: string, { patientId }: Prior, issuers: readonly string[]): void {
    this.#parts.jobs
      .startDriven('retrieve', shortTitle(`Priors of ${patientId} from ${node}`))
      .end(
        'failed',
        `The patient ID ${patientId} is given by several issuers (${issuers.join(', ')}), and this study or worklist entry names none: nothing was fetched. See which patient it is, and retrieve the earlier studies from ${node} by hand.`,
      );
  }

  #isHere(studyUid: string): boolean {
    return this.#parts.archive.index.locateAll({ studyUid }).length > 0;
  }

  /** A job brings it: several studies of a patient have priors in common. */
  #isComing(studyUid: string): boolean {
    return this.#parts.jobs.inputs('retrieve').some(({ job }) => job.finishedAt === null && job.studyUid === studyUid);
  }

  /** Empty where the node does not tell; it may list studies alone. */
  async #bodyPartsOf(source: Source, { studyUid, patientId }: Prior): Promise<string[]> {
    if (this.#isHere(studyUid)) return bodyPartsHere(this.#parts.archive.index, studyUid);
    const lister = { source, signal: this.#closing.signal };
    try {
      return bodyPartsIn(await seriesAttributes(lister, { studyUid, patientId }, ['00180015']));
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  }

  async #studiesOf(source: Source, node: string, current: Prior): Promise<Prior[]> {
    const keys = [patientKey(current)];
    const found: Prior[] = [];
    let cut: string | undefined;
    for await (const answer of source.query(
      { level: 'study', keys, include: ['00100021', '00180015'], limit: MOST_LISTED },
      this.#closing.signal,
    ))
      if (answer.kind === 'match') found.push(priorOf(answer.dataset));
      else if (CUTS.has(answer.code)) cut ??= answer.reason;
    const key = `rest ${node} ${current.patientId}`;
    if (cut === undefined) this.#problems.gone(key);
    else {
      const reason = `${cut} Priors of patient ${current.patientId} were chosen from the ${found.length} studies that came.`;
      this.#problems.note(key, { node, what: 'rest-of-priors', reason });
    }
    return found;
  }
}

const patientKey = ({ patientId }: Prior): MatchKey => ({ path: ['00100020'], vr: 'LO', value: patientId });

/** `callingAet`: undefined where it is not known any more, and may be any. */
function fits(rule: RoutingRule, dataset: DicomJson, callingAet?: string): boolean {
  return rule.when.every(({ keyword, value }) => {
    if (keyword === 'SendingApplicationEntityTitle') return callingAet === undefined || callingAet === value;
    const tag = tagOf(keyword);
    return tag !== undefined && matches(dataset, { path: [tag], vr: vrOf(tag) ?? 'UN', value }, false);
  });
}
