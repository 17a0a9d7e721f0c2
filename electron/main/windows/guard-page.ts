// What happens when the page's process ends or hangs, as it does where a study needs more memory than there is: it is said, with a
// way on. Nothing that was told as kept is lost by loading the page again.
import type { BrowserWindow, MessageBoxOptions } from 'electron';

export interface GuardPageOptions {
  window: Pick<BrowserWindow, 'on'> & {
    webContents: Pick<BrowserWindow['webContents'], 'on' | 'reload' | 'forcefullyCrashRenderer'>;
  };
  /** Index of the button that was pressed; 0 where `signal` closed the question. */
  ask(question: MessageBoxOptions): Promise<number>;
  /** The page that listened is no longer there. */
  onLeft(): void;
  quit(): void;
}

/** To be called once for each window, before it loads anything. */
export function guardPage({ window, ask, onLeft, quit }: GuardPageOptions): void {
  const { webContents } = window;
  let isEndedHere = false;
  let question: AbortController | undefined;

  webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) onLeft();
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    onLeft();
    question?.abort();
    if (reason === 'clean-exit') return;
    if (isEndedHere) {
      isEndedHere = false;
      webContents.reload();
      return;
    }
    const cause =
      reason === 'oom' || reason === 'memory-eviction'
        ? 'This machine has no more memory for it: close other programs, or look at fewer series at a time.'
        : `The system says: ${reason}.`;
    void ask({
      type: 'error',
      title: 'Lectern',
      message: 'The page of Lectern has ended.',
      detail: `${cause} The archive, its transfers and what was measured are safe.`,
      buttons: ['Load the page again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    }).then((pressed) => (pressed === 1 ? quit() : webContents.reload()));
  });
  window.on('unresponsive', () => {
    if (question) return;
    question = new AbortController();
    void ask({
      type: 'warning',
      title: 'Lectern',
      message: 'The page of Lectern does not answer.',
      detail: 'It may be at work on something large. What was measured and told as kept is safe.',
      buttons: ['Wait', 'Load the page again'],
      defaultId: 0,
      cancelId: 0,
      signal: question.signal,
    }).then((pressed) => {
      question = undefined;
      if (pressed !== 1) return;
      // A process that hangs does not load anything: it is ended first.
      isEndedHere = true;
      webContents.forcefullyCrashRenderer();
    });
  });
  window.on('responsive', () => question?.abort());
}
