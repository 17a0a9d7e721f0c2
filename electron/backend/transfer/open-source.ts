// Opens a node as a Source: settings, secrets and our receiver put together for the time of one piece of work.
import type { NodeStore } from '#backend/credentials/node-store.ts';
import { createDicomwebSource } from '#backend/sources/dicomweb/dicomweb-source.ts';
import { isSendable, type DicomwebAuth } from '#backend/sources/dicomweb/node.ts';
import { tokenTls, type OauthSettings } from '#backend/sources/dicomweb/oauth.ts';
import { createDimseSource } from '#backend/sources/dimse/dimse-source.ts';
import { USER_IDENTITY_TYPE, type UserIdentity } from '#backend/sources/dimse/pdu/pdu.ts';
import type { TlsSettings } from '#backend/sources/tls.ts';
import type { Source } from '#backend/sources/source.ts';
import {
  dicomwebNode,
  type DicomwebNodeSettings,
  type DimseNodeSettings,
  type NodeSettings,
} from '#shared/contract/nodes.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { Receiver } from './receiver.ts';
import type { TokenSources } from './token-sources.ts';

export interface SourceChoice {
  retrieve?: 'get' | 'move';
  /** For a commitment report that comes to our receiver, in ms. */
  commitTimeoutMs?: number;
}

/** Close what it gives. Rejects with LecternError 'not-found' for a node that is not set up, 'bad-request' for an address that was taken
 * once and is not any more, 'peer-credentials' where a secret is missing. */
export async function openSource(
  nodes: NodeStore,
  receiver: Receiver,
  name: string,
  choice: SourceChoice & { tokens: TokenSources },
): Promise<Source> {
  const settings = nodes.get(name);
  const tls = await tlsOf(nodes, settings);
  if (settings.kind === 'dicomweb') {
    const address = dicomwebNode.shape.url.safeParse(settings.url);
    if (!address.success)
      throw new LecternError('bad-request', `${name} cannot be asked. ${address.error.issues[0]?.message ?? ''}`);
    const auth = await authOf(nodes, settings, choice.tokens);
    return createDicomwebSource({ name, url: settings.url, auth, ...(tls && { tls }) });
  }
  const { scp } = receiver;
  const passcode = settings.user === undefined ? undefined : await nodes.vault.read(name, 'password');
  return createDimseSource(
    { ...dimseNodeOf(settings, passcode), ...(tls && { tls }), ...(choice.retrieve && { retrieve: choice.retrieve }) },
    scp ? { scp, ...(choice.commitTimeoutMs !== undefined && { commitTimeoutMs: choice.commitTimeoutMs }) } : {},
  );
}

function dimseNodeOf(
  settings: DimseNodeSettings,
  passcode: string | undefined,
): Parameters<typeof createDimseSource>[0] {
  const { aet, callingAet, host, port, retrieve, root, user } = settings;
  return {
    aet,
    callingAet,
    host,
    port,
    retrieve,
    root,
    ...(settings.moveDestinationAet !== undefined && { moveDestinationAet: settings.moveDestinationAet }),
    ...(settings.charset !== undefined && { charset: settings.charset }),
    ...(settings.preferredTransferSyntaxUids && { preferredTransferSyntaxUids: settings.preferredTransferSyntaxUids }),
    ...(settings.privateSopClassUids && { privateSopClassUids: settings.privateSopClassUids }),
    ...(settings.connections !== undefined && { storeAssociations: settings.connections }),
    ...(user !== undefined && { identity: identityOf(user, passcode) }),
  };
}

/** PS3.7 D.3.3.7. */
const identityOf = (user: string, passcode: string | undefined): UserIdentity => ({
  type: passcode === undefined ? USER_IDENTITY_TYPE.username : USER_IDENTITY_TYPE.usernamePasscode,
  wantsAnswer: false,
  primary: Buffer.from(user),
  secondary: Buffer.from(passcode ?? ''),
});

async function tlsOf(nodes: NodeStore, { name, tls }: NodeSettings): Promise<TlsSettings | undefined> {
  if (!tls) return undefined;
  const key = tls.certificate === undefined ? undefined : await nodes.vault.read(name, 'key');
  return {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.certificate !== undefined && { certificate: tls.certificate }),
    ...(key !== undefined && { key }),
    ...(tls.serverName !== undefined && { serverName: tls.serverName }),
    ...(tls.pinnedFingerprint !== undefined && { pinnedFingerprint: tls.pinnedFingerprint }),
  };
}

async function authOf(nodes: NodeStore, settings: DicomwebNodeSettings, tokens: TokenSources): Promise<DicomwebAuth> {
  const { name, auth } = settings;
  if (auth.kind === 'none') return { kind: 'none' };
  if (auth.kind === 'oauth')
    return { kind: 'oauth', tokens: await tokens.of(nodes, settings, await oauthOf(nodes, settings, auth)) };
  const secret = await nodes.vault.read(name, 'password');
  switch (auth.kind) {
    case 'basic':
      if (secret === undefined) throw new LecternError('peer-credentials', `The password of ${name} is not set.`);
      return { kind: 'basic', user: auth.user, password: secret };
    case 'bearer':
      if (secret === undefined) throw new LecternError('peer-credentials', `The token of ${name} is not set.`);
      // Set for another kind of credentials, or by a version that took all.
      if (!isSendable(secret))
        throw new LecternError('peer-credentials', `The token of ${name} cannot be sent: set it anew.`);
      return { kind: 'bearer', token: secret };
  }
}

/** Of a node that is signed in to. */
export async function oauthOf(
  nodes: NodeStore,
  settings: DicomwebNodeSettings,
  auth: Extract<DicomwebNodeSettings['auth'], { kind: 'oauth' }>,
): Promise<OauthSettings> {
  const { name, url } = settings;
  const { grant, tokenUrl, clientId, authorizeUrl, scope } = auth;
  const clientSecret = await nodes.vault.read(name, 'password');
  const tls = await tlsOf(nodes, settings);
  return {
    name,
    grant,
    tokenUrl,
    clientId,
    ...(authorizeUrl !== undefined && { authorizeUrl }),
    ...(scope !== undefined && { scope }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(tls && { tls: tokenTls(tls, url, tokenUrl) }),
  };
}
