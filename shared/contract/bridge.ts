// What only a desktop shell can do: `window.desktop`, present under Electron, absent in the browser shell.

export interface DesktopBridge {
  /** Lets the person choose folders or files to import; paths of the machine, empty when they change their mind. */
  pickImportPaths(kind: 'folder' | 'files'): Promise<string[]>;
  /** Machine paths of dropped files, in the same order; '' where one has none. */
  pathsOfFiles(files: readonly object[]): string[];
  /** Calls back for files that the system asks Lectern to open; returns the function that unregisters. */
  onOpenPaths(callback: (paths: string[]) => void): () => void;
  /** Calls back for a study that a `lectern:` link or the recent list asks for; returns the function that unregisters. */
  onOpenStudy(callback: (studyUid: string) => void): () => void;
  /** Says which study was opened, for the system's list of recent ones. The label carries no patient data. */
  noteOpened(studyUid: string): void;
  /** Says that the page is up; until then the shell counts as not started. */
  reportReady(): void;
}
