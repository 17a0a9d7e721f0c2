// Compares what a node lists of a study with what the archive holds: what is expected, what of it is here, what to ask for.
import { isRefusal } from '#backend/sources/refusal.ts';
import type { Selection } from '#backend/sources/source.ts';
import {
  instancesBySeries,
  instancesOf,
  isWithin,
  placesOf,
  seriesOf,
  type ListedInstances,
  type Lister,
  type Place,
  type SeriesExpectation,
} from './node-lists.ts';

export interface Compared extends Lister {
  selection: Selection;
}

export interface Comparison {
  /** Instances that the node says it has; null where it does not say, or not of all. */
  expected: number | null;
  /** Of these, whole in the archive. */
  received: number;
  missing: Selection[];
  /** Listed, and here under a study or series that was not asked for: neither received nor worth asking for, the node has no others. */
  elsewhere: Map<string, Place>;
  /** Received, but under another series of the study than the node lists them in. */
  inOtherSeries: Map<string, Place>;
  /** Of the series that these are listed in, how many without them. */
  withoutThose: SeriesExpectation[];
  /** Each of them stands in a list of instances; else a count was believed. */
  isListed: boolean;
  /** A list was cut: more may be there than anybody knows of. */
  isCut: boolean;
}

export class ListComparison {
  readonly #parts: Compared;
  /** Equal counts do not mean equal instances: a part was here before, from another node perhaps, or something speaks against them. */
  #isDoubted: boolean;
  /** What the node listed while it gave, by series; each is used once, for lists that contradict others are asked for again. */
  #ahead: Promise<Map<string, string[]>> | undefined;
  /** Series that the node has given as a whole, with how many instances were here when they were asked for. */
  readonly #given = new Map<string, number>();
  readonly #here = new Map<string, number>();
  #isAllGiven = false;

  constructor(parts: Compared) {
    this.#parts = parts;
    const { studyUid, seriesUid } = parts.selection;
    this.#isDoubted =
      parts.source.givesUncounted === true || parts.index.damage.wholeCount({ studyUid, seriesUid }) > 0;
  }

  /** Only lists of instances count from now on: the node says otherwise than its counts. */
  doubtCounts(): void {
    this.#isDoubted = true;
  }

  /** Where the lists of instances will be needed in any case, asks for them while the data come. */
  readAhead(): void {
    const { source, selection } = this.#parts;
    if (!source.givesUncounted || selection.sopInstanceUids) return;
    // A node that does not list them of a study does so of each series, or says then what is wrong.
    this.#ahead = instancesBySeries(this.#parts, selection).catch(() => new Map());
  }

  /** These were asked for, and the node came to an end with them. */
  noteGiven(selections: readonly Selection[]): void {
    for (const { seriesUid, seriesUids, sopInstanceUids } of selections) {
      if (sopInstanceUids) continue;
      const uids = seriesUids ?? (seriesUid === undefined ? [] : [seriesUid]);
      if (uids.length === 0) this.#isAllGiven = true;
      for (const uid of uids) this.#given.set(uid, this.#here.get(uid) ?? 0);
    }
  }

  /** Rejects with the LecternError of a node that gives no lists. */
  async compare(): Promise<Comparison> {
    const { index, selection } = this.#parts;
    const { studyUid, sopInstanceUids } = selection;
    if (sopInstanceUids) {
      const { absent, misplaced } = placesOf(index, selection, sopInstanceUids);
      const missing = absent.length ? [{ ...selection, sopInstanceUids: absent }] : [];
      const expected = sopInstanceUids.length;
      const received = expected - absent.length - misplaced.size;
      return { ...nothing(), expected, received, missing, elsewhere: misplaced, isListed: true };
    }
    const { series, isWhole } = await seriesOf(this.#parts, selection);
    const all = { ...nothing(), expected: series.length ? 0 : null, isListed: isWhole, isCut: !isWhole };
    for (const each of series) {
      const found = await this.#compareSeries(each);
      all.expected = all.expected === null || found.expected === null ? null : all.expected + found.expected;
      all.received += found.received;
      all.missing.push(...found.missing);
      for (const [uid, place] of found.elsewhere) all.elsewhere.set(uid, place);
      for (const [uid, place] of found.inOtherSeries) all.inOtherSeries.set(uid, place);
      const { size } = found.inOtherSeries;
      if (size > 0 && found.expected !== null)
        all.withoutThose.push({ seriesUid: each.seriesUid, count: found.expected - size });
      all.isListed &&= found.isListed;
      all.isCut ||= found.isCut;
    }
    // What came as of another series may have filled the count of that one.
    if (all.inOtherSeries.size > 0 && !this.#isDoubted) {
      this.doubtCounts();
      return this.compare();
    }
    if (!isWhole) {
      all.expected = null;
      all.received = index.damage.wholeCount({ studyUid });
    }
    return all;
  }

  async #compareSeries({ seriesUid, count }: SeriesExpectation): Promise<Comparison> {
    const { index, selection } = this.#parts;
    const here = index.damage.wholeCount({ studyUid: selection.studyUid, seriesUid });
    const isEnough = count !== null && count > 0 && here >= count;
    if (isEnough && !this.#isDoubted) return { ...nothing(), expected: count, received: here };
    const { listed, absent, misplaced, isWhole } = await this.#instancesOf(seriesUid, count);
    const [inOtherSeries, elsewhere] = [true, false].map(
      (isReceived) => new Map([...misplaced].filter(([, place]) => isWithin(selection, place) === isReceived)),
    ) as [Map<string, Place>, Map<string, Place>];
    const found = { ...nothing(), inOtherSeries, elsewhere };
    const present = listed - absent.length - elsewhere.size;
    const given = this.#given.get(seriesUid) ?? (this.#isAllGiven ? 0 : undefined);
    this.#here.set(seriesUid, here);
    // A list that is shorter than the count: the count is out of date, or the node cut the list and did not say so. A whole series
    // that was given settles it, unless more came than is listed.
    const isShort = count !== null && listed < count && (present < here || given === undefined);
    const named: Selection[] = absent.length ? [{ ...selection, seriesUid, sopInstanceUids: absent }] : [];
    if (isWhole && !isShort)
      return {
        ...found,
        expected: listed > 0 ? listed : count,
        received: listed > 0 ? present : here,
        missing: named,
        isListed: listed > 0,
      };
    if (isEnough) return { ...found, expected: count, received: count, missing: named };
    // Asked for as a whole again only as long as that brings something.
    const missing = given === here ? named : [{ ...selection, seriesUid }];
    return { ...found, expected: count, received: here, missing, isCut: count === null };
  }

  /** A node that lists no instances is believed its count. */
  async #instancesOf(seriesUid: string, count: number | null): Promise<ListedInstances> {
    const ahead = await this.#ahead;
    const uids = ahead?.get(seriesUid) ?? [];
    ahead?.delete(seriesUid);
    const selection = { ...this.#parts.selection, seriesUid };
    // A shorter one was cut, or more has come to the series since.
    if (uids.length > 0 && uids.length >= (count ?? 0))
      return { listed: uids.length, ...placesOf(this.#parts.index, selection, uids), isWhole: true };
    try {
      return await instancesOf(this.#parts, selection);
    } catch (error) {
      this.#parts.signal.throwIfAborted();
      if (!isRefusal(error) || count === null) throw error;
      return { listed: 0, absent: [], misplaced: new Map(), isWhole: true };
    }
  }
}

const nothing = (): Comparison => ({
  expected: null,
  received: 0,
  missing: [],
  elsewhere: new Map(),
  inOtherSeries: new Map(),
  withoutThose: [],
  isListed: false,
  isCut: false,
});
