// Where a node's secrets go: a secret was given for one place, and is not taken along to another.
import type { NodeSettings, SecretName } from '#shared/contract/nodes.ts';

/** What travels; the key of a certificate never does. */
const TRAVELLING = ['password', 'refresh'] as const satisfies SecretName[];

function placeOf(settings: NodeSettings): (string | undefined)[] {
  if (settings.kind === 'dimse') return [settings.kind, settings.host.toLowerCase(), String(settings.port)];
  const { auth, url } = settings;
  const { origin } = new URL(url);
  // Here the client secret and the refresh token go, and what they give goes to the node.
  return auth.kind === 'oauth' ? [origin, auth.tokenUrl, auth.authorizeUrl, auth.clientId] : [origin];
}

/** Somebody may be taken for the node now who was not before. */
function isLooser(before: NodeSettings, after: NodeSettings): boolean {
  if (before.kind === 'dimse' && !before.tls) return false;
  if (after.kind === 'dimse' && !after.tls) return true;
  const [had, has] = [before.tls ?? {}, after.tls ?? {}];
  return (
    had.serverName !== has.serverName ||
    (had.ca !== undefined && had.ca !== has.ca) ||
    (had.pinnedFingerprint !== undefined && had.pinnedFingerprint !== has.pinnedFingerprint)
  );
}

/** Secrets that would go to another place, or to whom they were not entrusted, were they kept over a change of settings. */
export function secretsToForget(before: NodeSettings, after: NodeSettings): readonly SecretName[] {
  const [from, to] = [placeOf(before), placeOf(after)];
  const isElsewhere = from.length !== to.length || from.some((part, index) => part !== to[index]);
  return isElsewhere || isLooser(before, after) ? TRAVELLING : [];
}
