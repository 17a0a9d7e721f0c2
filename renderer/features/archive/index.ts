// The archive as the page knows it: session, studies, jobs, the line to the backend; and its unlock page.
export { awayWords, createArchiveStore, type ArchiveState, type ArchiveStore } from './archive-store.ts';
export { UnlockPage } from './UnlockPage.tsx';
export { PassphrasePanel } from './PassphrasePanel.tsx';
