// Where the page lives under Electron: one origin of our own scheme, one document in it.

export const PAGE_SCHEME = 'lectern';
export const PAGE_ORIGIN = 'lectern://app';
export const PAGE_ADDRESS = `${PAGE_ORIGIN}/`;

/** Whether an address is the page's only document, with whatever hash. False for anything that is no address. */
export function isPageDocument(address: string): boolean {
  return originAndPath(address) === PAGE_ADDRESS;
}

/** Whether an address lies in the page's origin. */
export function isPageOrigin(address: string): boolean {
  return originAndPath(address)?.startsWith(PAGE_ADDRESS) ?? false;
}

// URL.origin is "null" for schemes that Node does not know as special, so the parts are put together here.
function originAndPath(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, username, password, host, pathname } = new URL(address);
  if (username !== '' || password !== '') return undefined;
  return `${protocol}//${host}${pathname === '' ? '/' : pathname}`;
}
