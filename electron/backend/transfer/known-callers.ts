// Who may send to our receiver: what comes from this machine, the nodes that are set up, and the list of callers.
import dns from 'node:dns/promises';
import net from 'node:net';
import type { Caller } from '#backend/sources/dimse/scp/scp-settings.ts';
import type { NodeSettings } from '#shared/contract/nodes.ts';
import { callerAddress, type ReceiverSettings } from '#shared/contract/receiver.ts';

export const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.|localhost$)/.test(address);

/** An address in the one form in which addresses are compared: IPv6 has many (RFC 5952 2). */
function plainAddress(text: string): string {
  const address = text.trim().replace(/%.*$/, '');
  if (!net.isIPv6(address)) return address;
  return new net.SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '');
}

const familyOf = (address: string): net.IPVersion => (net.isIPv6(address) ? 'ipv6' : 'ipv4');

/** Whether the address, in its plain form, is the allowed one or in the allowed range. */
function isAllowed(allowed: string, plain: string): boolean {
  const [network = '', prefix] = allowed.split('/');
  if (prefix === undefined) return plainAddress(allowed) === plain;
  if (!callerAddress.safeParse(allowed).success) return false;
  const range = new net.BlockList();
  range.addSubnet(network.trim(), Number(prefix), familyOf(network.trim()));
  return range.check(plain, familyOf(plain));
}

/** Addresses of a host; none where its name is not known. */
async function addressesOf(host: string): Promise<string[]> {
  if (net.isIP(host)) return [plainAddress(host)];
  const found = await dns.lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => plainAddress(address));
}

/** What comes from this machine itself may always send. `resolve` is for tests. */
export async function isKnownCaller(
  { callingAet, address }: Pick<Caller, 'callingAet' | 'address'>,
  callers: ReceiverSettings['callers'],
  nodes: readonly NodeSettings[],
  resolve = addressesOf,
): Promise<boolean> {
  if (isLoopback(address)) return true;
  const plain = plainAddress(address);
  const isListed = callers.some(
    (allowed) =>
      (allowed.aet === undefined || allowed.aet === callingAet) &&
      (allowed.address === undefined || isAllowed(allowed.address, plain)),
  );
  if (isListed) return true;
  // A node is set up by its name as often as by its address: names are looked up, for who shows the right AE title.
  const hosts = nodes.flatMap((node) => (node.kind === 'dimse' && node.aet === callingAet ? [node.host] : []));
  const resolved = await Promise.all(hosts.map((host) => resolve(host)));
  return resolved.some((addresses) => addresses.includes(plain));
}
