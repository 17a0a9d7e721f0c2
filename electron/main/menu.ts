// The application menu: importing, the recent studies of this session, and what the system expects of every program.
import type { MenuItemConstructorOptions } from 'electron';
import type { RecentStudy } from './recent-studies.ts';

export interface MenuActions {
  importFolder(): void;
  importFiles(): void;
  openStudy(studyUid: string): void;
}

export function menuTemplate(
  platform: NodeJS.Platform,
  recent: readonly RecentStudy[],
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const file: MenuItemConstructorOptions[] = [
    { label: 'Import a folder or disc\u2026', accelerator: 'CmdOrCtrl+O', click: () => actions.importFolder() },
    { label: 'Import files\u2026', accelerator: 'CmdOrCtrl+Shift+O', click: () => actions.importFiles() },
    {
      label: 'Opened in this session',
      enabled: recent.length > 0,
      submenu: recent.map(({ studyUid, label }) => ({ label, click: () => actions.openStudy(studyUid) })),
    },
    { type: 'separator' },
    platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
  ];
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    { label: 'File', submenu: file },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'togglefullscreen' }, { role: 'minimize' }, { type: 'separator' }, { role: 'toggleDevTools' }],
    },
  ];
}
