// One search at a time over the chosen nodes: what was asked, how far each node is, and the rows merged so far. Rows reach the
// screen once a frame, however fast they come.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { BackendError } from '../../backend-client/client.ts';
import { network } from '../../backend-client/network.ts';
import { followSetting, readSetting, writeSetting } from '../../local-db/database.ts';
import type { SearchEvent, SearchRequest } from '#shared/contract/network.ts';
import { askedOf, isOfOtherPatient, NO_CRITERIA, type Asked, type Criteria } from './criteria.logic.ts';
import { shareByNode } from './shared-stream.ts';
import { mergeStudies, stepOf, studyOf, type FoundStep, type FoundStudy } from './merge.logic.ts';

export type FoundRow = FoundStudy | FoundStep;

export interface NodeProgress {
  node: string;
  state: 'asking' | 'done' | 'failed' | 'stopped' | 'without';
  /** Matches that came. */
  count: number;
  /** Most that were asked for. */
  limit: number;
  /** Of each request, in their order: matches after which its list goes on; undefined where it is whole. */
  goesOnAt: readonly (number | undefined)[];
  /** The node gives no more to anybody, whatever is asked. */
  isCutThere: boolean;
  notices: readonly string[];
  /** Matches that name no study, or not by a UID: no row is made of them. */
  namelessCount: number;
  /** Why it failed, or what it does not offer. */
  failure: string | undefined;
}

/** What one request has brought so far. */
interface Tally {
  matches: number;
  /** Rows that this node had not given before. */
  fresh: number;
  isCut: boolean;
}
/** How a node is asked: from the start, or each request from where it was cut; `count` matches have come before. */
interface Way {
  limit: number;
  count: number;
  offsets?: readonly (number | undefined)[];
}

export interface SavedQuery {
  id: string;
  name: string;
  criteria: Criteria;
}

export interface SearchState {
  criteria: Criteria;
  /** Nodes that are not asked; the others all are. */
  left: readonly string[];
  saved: readonly SavedQuery[];
  /** What the rows answer; undefined before the first search. */
  asked: { criteria: Criteria; asked: Asked } | undefined;
  progress: readonly NodeProgress[];
  rows: readonly FoundRow[];
  isRunning: boolean;
  setCriteria(change: Partial<Criteria>): void;
  replaceCriteria(criteria: Criteria): void;
  toggleNode(node: string): void;
  /** Asks these nodes by the criteria; a search under way is given up. */
  search(nodes: readonly string[]): void;
  stop(): void;
  /** Asks one node of the search once more, from the start: for more matches, or after a failure. */
  askAgain(node: string, limit: number): void;
  /** Goes on where the lists of a node were cut; for nodes that can (DICOMweb). */
  askOn(node: string): void;
  /** Gives its id. */
  save(name: string): string;
  setSaved(saved: readonly SavedQuery[]): void;
}
export type SearchStore = StoreApi<SearchState>;

export const FIRST_LIMIT = 2000;
/** Of the contract. */
export const MOST = 10_000;
const MOST_NODES = 20;
const SETTING = 'search.view';
const OTHER_PATIENTS = 'It does not match by patient ID: studies of other patients are among its answers.';

const isLast = ({ kind }: SearchEvent): boolean => kind === 'done' || kind === 'failed';

export function createSearchStore(): SearchStore {
  let stopping = new AbortController();
  const store = createStore<SearchState>((set, get) => {
    const rows = new Map<string, FoundRow>();
    let isDrawing = false;
    const draw = (): void => {
      if (isDrawing) return;
      isDrawing = true;
      requestAnimationFrame(() => {
        isDrawing = false;
        set({ rows: [...rows.values()] });
      });
    };
    const note = (node: string, change: (before: NodeProgress) => Partial<NodeProgress>): void =>
      set(({ progress }) => ({
        progress: progress.map((each) => (each.node === node ? { ...each, ...change(each) } : each)),
      }));
    const noteOnce = (node: string, text: string): void =>
      note(node, ({ notices }) => ({ notices: notices.includes(text) ? notices : [...notices, text] }));
    const remember = (change: Partial<Pick<SearchState, 'left' | 'saved'>>): void => {
      set(change);
      const { left, saved } = get();
      void writeSetting(SETTING, { left, saved });
    };

    const take = (event: SearchEvent, tally: Tally): void => {
      const { node } = event;
      switch (event.kind) {
        case 'match': {
          const isStep = get().asked?.asked.level === 'worklist';
          const row = isStep ? stepOf(node, event.dataset) : studyOf(node, event.dataset);
          tally.matches++;
          if (!row) return note(node, (before) => ({ namelessCount: before.namelessCount + 1 }));
          const criteria = get().asked?.criteria;
          if (criteria && isOfOtherPatient(criteria, row.patientId)) noteOnce(node, OTHER_PATIENTS);
          const before = rows.get(row.id);
          const isKnown =
            before?.kind === 'study' ? before.at.some((each) => each.node === node) : before !== undefined;
          if (!isKnown) tally.fresh++;
          rows.set(row.id, before?.kind === 'study' && row.kind === 'study' ? mergeStudies(before, row) : row);
          return draw();
        }
        case 'notice':
          if (event.code === 'cut') tally.isCut = true;
          // Said of the whole list; the marks below say it anew where it still holds.
          if (event.code === 'cut') return undefined;
          if (event.code === 'cut-by-peer') note(node, () => ({ isCutThere: true }));
          return noteOnce(node, event.reason);
        case 'failed':
          // A worklist that is asked for studies, or an archive for steps, has not failed.
          return note(node, () => ({
            state: event.code === 'peer-without' ? 'without' : 'failed',
            failure: event.reason,
          }));
        case 'done':
          return undefined;
      }
    };

    const ask = async (
      node: string,
      asked: Asked,
      way: Way,
      signal: AbortSignal,
      first?: AsyncIterable<SearchEvent>,
    ): Promise<void> => {
      const goesOnAt: (number | undefined)[] = [];
      let shown = way.count;
      let fresh = 0;
      // A search that was given up says nothing into the next one.
      const noteMine = (change: (before: NodeProgress) => Partial<NodeProgress>): void => {
        if (!signal.aborted) note(node, change);
      };
      const timer = setInterval(() => noteMine(() => ({ count: shown })), 200);
      try {
        for (const [index, match] of asked.requests.entries()) {
          const offset = way.offsets ? way.offsets[index] : 0;
          if (offset === undefined) continue;
          const tally: Tally = { matches: 0, fresh: 0, isCut: false };
          const body: SearchRequest = { nodes: [node], level: asked.level, match, limit: way.limit, offset };
          for await (const event of (index === 0 && first) || network.search(body, signal)) {
            if (signal.aborted) continue;
            take({ ...event, node }, tally);
            if (event.kind === 'match') shown++;
          }
          fresh += tally.fresh;
          if (tally.isCut) goesOnAt[index] = offset + tally.matches;
        }
        const isStuck = way.offsets !== undefined && fresh === 0 && shown > way.count;
        noteMine(({ state, notices }) => ({
          ...(state === 'asking' && { state: 'done' }),
          goesOnAt: isStuck ? [] : goesOnAt,
          ...(isStuck && { isCutThere: true }),
          ...(isStuck && { notices: [...notices, 'Asked for more, it gave the same matches again.'] }),
        }));
        if (isStuck) shown = way.count;
      } catch (error) {
        const failure = error instanceof BackendError ? error.message : 'The answer broke off: the list is not whole.';
        noteMine(() => ({ state: 'failed', failure }));
      } finally {
        clearInterval(timer);
        noteMine(() => ({ count: shown }));
      }
    };
    const runAll = async (nodes: readonly string[], asked: Asked, way: Way): Promise<void> => {
      const { signal } = stopping;
      set({ isRunning: true });
      // Who has answered the first request is asked the others by itself.
      const [match] = asked.requests;
      const first = new Map<string, AsyncIterable<SearchEvent>>();
      for (let at = 0; match && !way.offsets && at < nodes.length; at += MOST_NODES) {
        const some = nodes.slice(at, at + MOST_NODES);
        const body: SearchRequest = { nodes: some, level: asked.level, match, limit: way.limit, offset: 0 };
        for (const [node, events] of shareByNode(some, network.search(body, signal), isLast)) first.set(node, events);
      }
      await Promise.all(nodes.map((node) => ask(node, asked, way, signal, first.get(node))));
      if (signal === stopping.signal)
        set(({ progress }) => ({ isRunning: progress.some(({ state }) => state === 'asking') }));
    };
    const starting = (node: string, limit: number): NodeProgress => ({
      node,
      limit,
      state: 'asking',
      count: 0,
      goesOnAt: [],
      isCutThere: false,
      notices: [],
      namelessCount: 0,
      failure: undefined,
    });

    return {
      criteria: NO_CRITERIA,
      left: [],
      saved: [],
      asked: undefined,
      progress: [],
      rows: [],
      isRunning: false,
      setCriteria: (change) => set(({ criteria }) => ({ criteria: { ...criteria, ...change } })),
      replaceCriteria: (criteria) => set({ criteria }),
      toggleNode: (node) => {
        const { left } = get();
        remember({ left: left.includes(node) ? left.filter((each) => each !== node) : [...left, node] });
      },
      search: (nodes) => {
        const { criteria } = get();
        const asked = askedOf(criteria, new Date());
        if (asked.problem !== undefined || nodes.length === 0) return;
        stopping.abort();
        stopping = new AbortController();
        rows.clear();
        set({
          asked: { criteria, asked },
          rows: [],
          progress: nodes.map((node) => starting(node, FIRST_LIMIT)),
        });
        void runAll(nodes, asked, { limit: FIRST_LIMIT, count: 0 });
      },
      stop: () => {
        stopping.abort();
        stopping = new AbortController();
        set(({ progress }) => ({
          isRunning: false,
          progress: progress.map((each) => (each.state === 'asking' ? { ...each, state: 'stopped' } : each)),
        }));
      },
      askAgain: (node, limit) => {
        const { asked } = get();
        if (!asked) return;
        note(node, () => starting(node, limit));
        void runAll([node], asked.asked, { limit, count: 0 });
      },
      askOn: (node) => {
        const { asked, progress } = get();
        const before = progress.find((each) => each.node === node);
        if (!asked || !before) return;
        const { goesOnAt, count } = before;
        note(node, () => ({ state: 'asking', goesOnAt: [], failure: undefined }));
        void runAll([node], asked.asked, { limit: FIRST_LIMIT, count, offsets: goesOnAt });
      },
      save: (name) => {
        const { saved, criteria } = get();
        const id = crypto.randomUUID();
        remember({ saved: [...saved, { id, name, criteria }] });
        return id;
      },
      setSaved: (saved) => remember({ saved }),
    };
  });
  void readSetting<Partial<Pick<SearchState, 'left' | 'saved'>>>(SETTING, {}).then((kept) =>
    store.setState({ left: kept.left ?? [], saved: kept.saved ?? [] }),
  );
  followSetting(SETTING, (written) => store.setState({ saved: (written as Pick<SearchState, 'saved'>).saved }));
  return store;
}
