// What the page may ask the system for: a table, everything else is denied, and so is every page that is not ours.
import type { Session } from 'electron';
import { isPageOrigin } from '../page-address.ts';

/** Copying a UID, and a viewer on the whole screen or on a chosen monitor. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen', 'window-management']);

/** Whether a page of `address` may have `permission`, by Electron's names; unknown names are denied. */
export function mayHave(permission: string, address: string): boolean {
  return GRANTED.has(permission) && isPageOrigin(address.endsWith('/') ? address : `${address}/`);
}

/** Puts the table behind every way by which a page of the session can ask, devices and screens included. */
export function guardPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(mayHave(permission, details.requestingUrl ?? '')),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
}
