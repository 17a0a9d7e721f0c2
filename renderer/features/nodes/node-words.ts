// Words about nodes: where they are, how they are protected, what a step of a test is called.
import type { PriorProblem } from '#shared/contract/receiver.ts';
import type { NodeSettings, SecretName, TestStepName } from '#shared/contract/nodes.ts';

export const isLoopback = (host: string): boolean => /^(127\.|localhost$|\[?::1\]?$|::ffff:127\.)/i.test(host);

export function hostOf(settings: NodeSettings): string {
  if (settings.kind === 'dimse') return settings.host;
  try {
    return new URL(settings.url).hostname;
  } catch {
    return '';
  }
}

export const placeOf = (settings: NodeSettings): string =>
  settings.kind === 'dimse' ? `${settings.aet} at ${settings.host}:${settings.port}` : settings.url;

export const isEncrypted = (settings: NodeSettings): boolean =>
  settings.kind === 'dimse' ? settings.tls !== undefined : /^https:/i.test(settings.url);

/** What travels to it can be read and changed on the way. */
export const isUnprotected = (settings: NodeSettings): boolean =>
  !isEncrypted(settings) && !isLoopback(hostOf(settings));

export const UNPROTECTED_WORDS = 'Not encrypted: whoever is on the way can read and change what travels.';

const SECRET_WORDS: Record<SecretName, string> = { password: 'password', key: 'key', refresh: 'sign-in' };

/** After an edit. */
export const forgottenWords = (name: string, secrets: readonly SecretName[]): string =>
  `${name} is reached in another way now, so its ${secrets.map((secret) => SECRET_WORDS[secret]).join(' and ')} ${secrets.length === 1 ? 'was' : 'were'} forgotten: set its secrets again.`;

export const STEP_WORDS: Record<TestStepName, string> = {
  'name-resolution': 'Name',
  tcp: 'Connection',
  tls: 'Encryption',
  association: 'Association',
  echo: 'C-ECHO',
  find: 'Query (C-FIND)',
  worklist: 'Worklist',
  get: 'Retrieve (C-GET)',
  move: 'Retrieve (C-MOVE)',
  'return-path': 'Way back of C-MOVE',
  http: 'HTTP',
  credentials: 'Sign-in',
  qido: 'Query (QIDO-RS)',
  wado: 'Retrieve (WADO-RS)',
  stow: 'Store (STOW-RS)',
};

const PROBLEM_WORDS: Record<PriorProblem['what'], (node: string) => string> = {
  worklist: (node) => `The worklist of ${node} could not be asked`,
  'rest-of-worklist': (node) => `The worklist of ${node} did not come whole`,
  priors: (node) => `${node}, for priors, could not be asked`,
  'rest-of-priors': (node) => `Studies of a patient did not all come from ${node}`,
};
export const problemWords = ({ at, node, what, reason }: PriorProblem): string =>
  `${PROBLEM_WORDS[what](node)} at ${new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}: ${reason}`;
