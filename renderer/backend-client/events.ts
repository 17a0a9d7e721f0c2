// The backend's event stream. A cut line is tried again by the browser, a refused one (locked, or started anew) by us.
import type { ServerEvent } from '#shared/contract/views.ts';

const RETRY_MS = 3000;

/** Name of this page's stream: by its end the backend knows that the page is gone. */
export const PAGE = crypto.randomUUID();

/** What happened to the line: `cut` is tried again at once, `refused` was answered, but with an error. */
export type Line = 'up' | 'cut' | 'refused';

/** Calls back for each event and for each change of the line, for as long as the page lives. */
export function followEvents(onEvent: (event: ServerEvent) => void, onLine: (line: Line) => void): void {
  const source = new EventSource(`/api/events?page=${PAGE}`);
  source.addEventListener('open', () => onLine('up'));
  source.addEventListener('error', () => {
    const isRefused = source.readyState === EventSource.CLOSED;
    onLine(isRefused ? 'refused' : 'cut');
    if (isRefused) setTimeout(() => followEvents(onEvent, onLine), RETRY_MS);
  });
  source.addEventListener('message', (message: MessageEvent<string>) =>
    onEvent(JSON.parse(message.data) as ServerEvent),
  );
}
