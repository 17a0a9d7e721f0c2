// A node as it stands in the form, and what becomes of it: settings by the contract, or what is wrong with which field. Pure.
import { nodeSettings, type NodeSettings } from '#shared/contract/nodes.ts';

/** Every field as text, so that half-typed things can be held. */
export interface NodeDraft {
  kind: 'dimse' | 'dicomweb';
  name: string;
  aet: string;
  host: string;
  port: string;
  callingAet: string;
  retrieve: 'get' | 'move';
  root: 'study' | 'patient';
  moveDestinationAet: string;
  charset: string;
  preferred: string;
  privateClasses: string;
  user: string;
  connections: string;
  url: string;
  auth: 'none' | 'basic' | 'bearer' | 'oauth';
  grant: 'client-credentials' | 'authorization-code';
  tokenUrl: string;
  authorizeUrl: string;
  clientId: string;
  scope: string;
  hasTls: boolean;
  ca: string;
  certificate: string;
  serverName: string;
  pin: string;
}

export const EMPTY_DRAFT: NodeDraft = {
  kind: 'dimse',
  name: '',
  aet: '',
  host: '',
  port: '104',
  callingAet: 'LECTERN',
  retrieve: 'get',
  root: 'study',
  moveDestinationAet: '',
  charset: '',
  preferred: '',
  privateClasses: '',
  user: '',
  connections: '',
  url: '',
  auth: 'none',
  grant: 'authorization-code',
  tokenUrl: '',
  authorizeUrl: '',
  clientId: '',
  scope: '',
  hasTls: false,
  ca: '',
  certificate: '',
  serverName: '',
  pin: '',
};

export function draftOf(settings: NodeSettings): NodeDraft {
  const { tls } = settings;
  const common = {
    ...EMPTY_DRAFT,
    kind: settings.kind,
    name: settings.name,
    connections: settings.connections === undefined ? '' : String(settings.connections),
    hasTls: tls !== undefined,
    ca: tls?.ca ?? '',
    certificate: tls?.certificate ?? '',
    serverName: tls?.serverName ?? '',
    pin: tls?.pinnedFingerprint ?? '',
  };
  if (settings.kind === 'dimse') {
    const { aet, host, port, callingAet, retrieve, root } = settings;
    return {
      ...common,
      aet,
      host,
      port: String(port),
      callingAet,
      retrieve,
      root,
      moveDestinationAet: settings.moveDestinationAet ?? '',
      charset: settings.charset ?? '',
      preferred: (settings.preferredTransferSyntaxUids ?? []).join('\n'),
      privateClasses: (settings.privateSopClassUids ?? []).join('\n'),
      user: settings.user ?? '',
    };
  }
  const { url, auth } = settings;
  const web = { ...common, url, auth: auth.kind };
  if (auth.kind === 'basic') return { ...web, user: auth.user };
  if (auth.kind !== 'oauth') return web;
  const { grant, tokenUrl, clientId, authorizeUrl = '', scope = '' } = auth;
  return { ...web, grant, tokenUrl, clientId, authorizeUrl, scope };
}

const given = <K extends string>(key: K, value: string): Partial<Record<K, string>> =>
  value.trim() === '' ? {} : ({ [key]: value.trim() } as Partial<Record<K, string>>);
const list = <K extends string>(key: K, value: string): Partial<Record<K, string[]>> => {
  const items = value.split(/[\s,\\]+/).filter(Boolean);
  return items.length ? ({ [key]: items } as Partial<Record<K, string[]>>) : {};
};

/** Field of the draft that an attribute of the settings comes from, where the names differ. */
const FIELD_OF: Record<string, keyof NodeDraft> = {
  preferredTransferSyntaxUids: 'preferred',
  privateSopClassUids: 'privateClasses',
  pinnedFingerprint: 'pin',
};

export type Checked =
  { ok: true; settings: NodeSettings } | { ok: false; problems: Partial<Record<keyof NodeDraft, string>> };

/** Settings by the contract; else one sentence for each field that does not fit. */
export function checkDraft(draft: NodeDraft, takenNames: readonly string[]): Checked {
  const parsed = nodeSettings.safeParse(draft.kind === 'dimse' ? dimseOf(draft) : webOf(draft));
  const problems: Partial<Record<keyof NodeDraft, string>> = {};
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) {
      const name = path.findLast((part) => typeof part === 'string') ?? 'name';
      problems[FIELD_OF[name] ?? (name as keyof NodeDraft)] ??= sentence(name, message);
    }
  if (takenNames.includes(draft.name.trim())) problems.name = 'There is a node of this name already.';
  const { auth, grant, authorizeUrl } = draft;
  if (draft.kind === 'dicomweb' && auth === 'oauth' && grant === 'authorization-code' && authorizeUrl.trim() === '')
    problems.authorizeUrl = 'Where a person signs in: an address is needed.';
  return parsed.success && Object.keys(problems).length === 0
    ? { ok: true, settings: parsed.data }
    : { ok: false, problems };
}

/** zod's own sentences are for programmers; those of the contract are for people. */
function sentence(name: string, message: string): string {
  if (!/^(Invalid|Too (small|big)|expected)/i.test(message)) return message;
  if (name === 'pinnedFingerprint') return 'A SHA-256: 32 pairs of the digits 0 to 9 and A to F, with colons between.';
  if (name.endsWith('Uids')) return 'UIDs hold digits and dots, one a line.';
  if (name === 'clientId') return 'This is needed for this kind of sign-in.';
  return 'This does not fit here.';
}

function tlsOf(draft: NodeDraft): object {
  return {
    ...given('ca', draft.ca),
    ...given('certificate', draft.certificate),
    ...given('serverName', draft.serverName),
    ...given('pinnedFingerprint', draft.pin),
  };
}

function connectionsOf({ connections }: NodeDraft): object {
  const text = connections.trim();
  return text === '' ? {} : { connections: /^\d+$/.test(text) ? Number(text) : Number.NaN };
}

function dimseOf(draft: NodeDraft): unknown {
  const { name, aet, host, callingAet, retrieve, root } = draft;
  return {
    kind: 'dimse',
    name,
    aet,
    host,
    callingAet,
    retrieve,
    root,
    port: /^\d+$/.test(draft.port.trim()) ? Number(draft.port) : undefined,
    ...given('moveDestinationAet', draft.moveDestinationAet),
    ...given('charset', draft.charset),
    ...given('user', draft.user),
    ...connectionsOf(draft),
    ...list('preferredTransferSyntaxUids', draft.preferred),
    ...list('privateSopClassUids', draft.privateClasses),
    ...(draft.hasTls && { tls: tlsOf(draft) }),
  };
}

function webOf(draft: NodeDraft): unknown {
  const tls = tlsOf(draft);
  return {
    kind: 'dicomweb',
    name: draft.name,
    url: draft.url.trim(),
    auth: authOf(draft),
    ...connectionsOf(draft),
    ...(/^https:/i.test(draft.url) && Object.keys(tls).length > 0 && { tls }),
  };
}

function authOf({ auth, user, grant, tokenUrl, authorizeUrl, clientId, scope }: NodeDraft): unknown {
  switch (auth) {
    case 'none':
    case 'bearer':
      return { kind: auth };
    case 'basic':
      return { kind: auth, user: user.trim() };
    case 'oauth':
      return {
        kind: auth,
        grant,
        tokenUrl: tokenUrl.trim(),
        clientId: clientId.trim(),
        ...(grant === 'authorization-code' && given('authorizeUrl', authorizeUrl)),
        ...given('scope', scope),
      };
  }
}

/** Another name for a copy: "PACS 2", "PACS 3". */
export function copyName(name: string, taken: readonly string[]): string {
  const base = name.replace(/ \d+$/, '').slice(0, 60);
  for (let number = 2; ; number++) if (!taken.includes(`${base} ${number}`)) return `${base} ${number}`;
}
