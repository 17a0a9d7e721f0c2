// No page leaves its document: navigation, redirects, new windows and web views are refused on every web contents; a few
// addresses go to the system's browser (Electron security checklist 13, 14, 15).
import type { WebContents } from 'electron';
import { isPageDocument } from '../page-address.ts';

const OUTSIDE_HOSTS: ReadonlySet<string> = new Set(['dicom.nema.org']);

/** Whether the system's browser may be sent to an address: https, a listed host, no port and no credentials. */
export function mayOpenOutside(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    OUTSIDE_HOSTS.has(url.hostname)
  );
}

/** Guards one web contents; to be called for each one the program creates, before it loads anything. */
export function guardNavigation(
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  openOutside: (address: string) => void,
): void {
  contents.on('will-frame-navigate', (event) => {
    // Loading the page again is no way out of it.
    if (!event.isMainFrame || !isPageDocument(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenOutside(url)) openOutside(url);
    return { action: 'deny' };
  });
}
