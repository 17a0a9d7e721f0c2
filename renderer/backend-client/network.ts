// Calls about other systems: nodes and their secrets (one way, in), test, search, retrieve, send, the receiver and its rules.
import type { SearchEvent, SearchRequest, Urgency } from '#shared/contract/network.ts';
import type {
  NodeEdited,
  NodeSettings,
  NodesImported,
  NodeView,
  SecretName,
  TestLine,
} from '#shared/contract/nodes.ts';
import type {
  NetworkView,
  PriorRules,
  ReceiverSecrets,
  ReceiverSettings,
  RoutingRule,
} from '#shared/contract/receiver.ts';
import type { Job } from '#shared/contract/views.ts';
import { get, post, request, send } from './client.ts';
import { ndjsonLines } from './ndjson-lines.ts';

const nodeAddress = (name: string): string => `/api/nodes/${encodeURIComponent(name)}`;
/** Owner of the receiver's secrets. */
export const RECEIVER = '(receiver)';

async function* lines<Line>(address: string, body: unknown, signal: AbortSignal): AsyncGenerator<Line> {
  const response = await request(address, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    signal,
  });
  yield* ndjsonLines<Line>(response);
}

export const network = {
  nodes: async () => (await get<{ nodes: NodeView[] }>('/api/nodes')).nodes,
  /** `name`: under which it is known so far; another name in the settings renames it. */
  putNode: (name: string, settings: NodeSettings) => send<NodeEdited>('PUT', nodeAddress(name), settings),
  /** Rejects with BackendError 'conflict', which names what uses it, unless it is to go all the same. */
  removeNode: async (name: string, isAnyway: boolean) =>
    void (await request(`${nodeAddress(name)}${isAnyway ? '?anyway=true' : ''}`, { method: 'DELETE' })),
  setSecret: (name: string, secret: SecretName, value: string) =>
    send<void>('PUT', `${nodeAddress(name)}/secrets/${secret}`, { value }),
  forgetSecret: async (name: string, secret: SecretName) =>
    void (await request(`${nodeAddress(name)}/secrets/${secret}`, { method: 'DELETE' })),
  testNode: (name: string, signal: AbortSignal) => lines<TestLine>(`${nodeAddress(name)}/test`, {}, signal),
  signIn: (name: string) => post<{ address: string }>(`${nodeAddress(name)}/sign-in`),
  importNodes: (nodes: readonly NodeSettings[]) => post<NodesImported>('/api/nodes-import', { nodes }),
  search: (body: SearchRequest, signal: AbortSignal) => lines<SearchEvent>('/api/search', body, signal),
  retrieve: (body: {
    node: string;
    studyUid: string;
    seriesUid?: string;
    patientId?: string;
    title: string;
    urgency: Urgency;
  }) => post<{ job: Job }>('/api/retrieve', body),
  send: (body: { node: string; uids: string[]; title: string; commit: boolean }) =>
    post<{ job: Job }>('/api/send', body),
  receiver: () => get<NetworkView>('/api/receiver'),
  setReceiver: (settings: ReceiverSettings, secrets: ReceiverSecrets = {}) =>
    send<unknown>('PUT', '/api/receiver', { ...settings, secrets }),
  setRouting: (rules: readonly RoutingRule[]) => send<void>('PUT', '/api/routing', rules),
  setPriors: (rules: PriorRules) => send<void>('PUT', '/api/priors', rules),
};
