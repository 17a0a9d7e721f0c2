// The one set of options that every window of the program is made with (Electron security checklist 2, 3, 4, 20).
import type { WebPreferences } from 'electron';

export const WEB_PREFERENCES = Object.freeze({
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
  // A viewer that is covered by another window goes on loading.
  backgroundThrottling: false,
} satisfies WebPreferences);
