// Makes a window of the program: black until the page is painted, guarded options, the page's own session.
import { BrowserWindow, type Session } from 'electron';
import { PAGE_ADDRESS } from '../page-address.ts';
import { WEB_PREFERENCES } from '../security/web-preferences.ts';

export interface WindowOptions {
  session: Session;
  preloadFile: string;
  /** Called before anything is loaded. */
  guard(window: BrowserWindow): void;
}

/** Opens the window; it is shown once there is something to see. */
export async function openMainWindow({ session, preloadFile, guard }: WindowOptions): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: '#161616',
    title: 'Lectern',
    // Size, place and monitor as the reader left them.
    name: 'reading',
    windowStatePersistence: true,
    webPreferences: { ...WEB_PREFERENCES, session, preload: preloadFile },
  });
  guard(window);
  window.once('ready-to-show', () => window.show());
  await window.loadURL(PAGE_ADDRESS);
  return window;
}
