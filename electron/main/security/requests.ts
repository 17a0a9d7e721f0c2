// What a page's session may fetch at all, below the content security policy: our own scheme and what the page made itself.
import type { Session } from 'electron';
import { isPageOrigin } from '../page-address.ts';

/** Whether the page's session may load an address. `file:`, the network and foreign hosts of our scheme are refused. */
export function mayLoad(address: string): boolean {
  return isPageOrigin(address) || /^(?:blob:lectern:\/\/app\/|data:|devtools:)/.test(address);
}

export function guardRequests(session: Session): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !mayLoad(url) }));
}
