// Names of the messages between the page's bridge and main.

export const CHANNELS = {
  pickImportPaths: 'desktop:pick-import-paths',
  noteOpened: 'desktop:note-opened',
  reportReady: 'desktop:report-ready',
  openPaths: 'desktop:open-paths',
  openStudy: 'desktop:open-study',
} as const;
