// What the page knows of other systems: the nodes and the receiver with its rules, as the backend last said. One store for
// settings, search and the marks in the browser's head.
import { createStore } from 'zustand/vanilla';
import { BackendError } from '../../backend-client/client.ts';
import { network } from '../../backend-client/network.ts';
import type { NodeView } from '#shared/contract/nodes.ts';
import type { NetworkView } from '#shared/contract/receiver.ts';

export interface NetworkState {
  /** By name; undefined until they are known. */
  nodes: readonly NodeView[] | undefined;
  receiver: NetworkView | undefined;
  /** Why they are not known, or may have changed since. */
  failure: string | undefined;
  reload(): Promise<void>;
}

let asked = 0;
let answered = 0;

export const networkStore = createStore<NetworkState>((set) => ({
  nodes: undefined,
  receiver: undefined,
  failure: undefined,
  reload: async () => {
    const turn = ++asked;
    try {
      const [nodes, receiver] = await Promise.all([network.nodes(), network.receiver()]);
      // Of two questions on their way at once, the earlier one may know less: it never replaces what the later one said.
      if (turn < answered) return;
      answered = turn;
      nodes.sort((a, b) => a.settings.name.localeCompare(b.settings.name, undefined, { numeric: true }));
      set({ nodes, receiver, failure: undefined });
    } catch (error) {
      set({ failure: error instanceof BackendError ? error.message : 'The page failed to ask for the nodes.' });
    }
  },
}));
