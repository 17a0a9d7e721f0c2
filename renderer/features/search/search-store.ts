// One search at a time over the chosen nodes: what was asked, how far each node is, and the rows merged so far. Rows reach the
// screen once a frame, however fast they come.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { BackendError } from '../../backend-client/client.ts';
import { network } from '../../backend-client/network.ts';
import { readSetting, writeSetting } from '../../local-db/database.ts';
import type { SearchEvent, SearchRequest } from '#shared/contract/network.ts';
import { askedOf, NO_CRITERIA, type Asked, type Criteria } from './criteria.logic.ts';
import { mergeStudies, stepOf, studyOf, type FoundStep, type FoundStudy } from './merge.logic.ts';

export type FoundRow = FoundStudy | FoundStep;

export interface NodeProgress {
  node: string;
  state: 'asking' | 'done' | 'failed' | 'stopped';
  /** Matches that came. */
  count: number;
  /** Most that were asked for. */
  limit: number;
  isCut: boolean;
  notices: readonly string[];
  /** Matches that name no study. */
  namelessCount: number;
  /** Why it failed. */
  failure: string | undefined;
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
  /** Asks one node of the search once more, for more matches or after a failure. */
  askAgain(node: string, limit: number): void;
  save(name: string): void;
  forget(id: string): void;
}
export type SearchStore = StoreApi<SearchState>;

export const FIRST_LIMIT = 2000;
/** Of the contract. */
export const MOST = 10_000;
const SETTING = 'search.view';

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
    const remember = (change: Partial<Pick<SearchState, 'left' | 'saved'>>): void => {
      set(change);
      const { left, saved } = get();
      void writeSetting(SETTING, { left, saved });
    };

    const take = (event: SearchEvent, counts: Map<string, number>): void => {
      const { node } = event;
      switch (event.kind) {
        case 'match': {
          const isStep = get().asked?.asked.level === 'worklist';
          const row = isStep ? stepOf(node, event.dataset) : studyOf(node, event.dataset);
          counts.set(node, (counts.get(node) ?? 0) + 1);
          if (!row) return note(node, (before) => ({ namelessCount: before.namelessCount + 1 }));
          const before = rows.get(row.id);
          rows.set(row.id, before?.kind === 'study' && row.kind === 'study' ? mergeStudies(before, row) : row);
          return draw();
        }
        case 'notice':
          return note(node, (before) => ({
            isCut: before.isCut || event.code === 'cut',
            notices: before.notices.includes(event.reason) ? before.notices : [...before.notices, event.reason],
          }));
        case 'failed':
          return note(node, () => ({ state: 'failed', failure: event.reason }));
        case 'done':
          return undefined;
      }
    };

    const ask = async (node: string, asked: Asked, limit: number, signal: AbortSignal): Promise<void> => {
      const counts = new Map<string, number>();
      // A search that was given up says nothing into the next one.
      const noteMine = (change: (before: NodeProgress) => Partial<NodeProgress>): void => {
        if (!signal.aborted) note(node, change);
      };
      const show = (): void => noteMine(() => ({ count: counts.get(node) ?? 0 }));
      const timer = setInterval(show, 200);
      try {
        for (const match of asked.requests) {
          const body: SearchRequest = { nodes: [node], level: asked.level, match, limit };
          for await (const event of network.search(body, signal)) if (!signal.aborted) take({ ...event, node }, counts);
        }
        noteMine(({ state }) => (state === 'failed' ? {} : { state: 'done' }));
      } catch (error) {
        const failure = error instanceof BackendError ? error.message : 'The answer broke off: the list is not whole.';
        noteMine(() => ({ state: 'failed', failure }));
      } finally {
        clearInterval(timer);
        show();
      }
    };
    const runAll = async (nodes: readonly string[], asked: Asked, limit: number): Promise<void> => {
      const { signal } = stopping;
      set({ isRunning: true });
      await Promise.all(nodes.map((node) => ask(node, asked, limit, signal)));
      if (signal === stopping.signal)
        set(({ progress }) => ({ isRunning: progress.some(({ state }) => state === 'asking') }));
    };
    const starting = (node: string, limit: number): NodeProgress => ({
      node,
      limit,
      state: 'asking',
      count: 0,
      isCut: false,
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
        void runAll(nodes, asked, FIRST_LIMIT);
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
        void runAll([node], asked.asked, limit);
      },
      save: (name) => {
        const { saved, criteria } = get();
        remember({ saved: [...saved, { id: crypto.randomUUID(), name, criteria }] });
      },
      forget: (id) => remember({ saved: get().saved.filter((each) => each.id !== id) }),
    };
  });
  void readSetting<Partial<Pick<SearchState, 'left' | 'saved'>>>(SETTING, {}).then((kept) =>
    store.setState({ left: kept.left ?? [], saved: kept.saved ?? [] }),
  );
  return store;
}
