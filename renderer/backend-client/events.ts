// The backend's event stream; the browser reconnects by itself, losing and regaining it is told.
import type { ServerEvent } from '#shared/contract/views.ts';

/** Calls back for each event and for the state of the line; returns the function that ends it. */
export function followEvents(onEvent: (event: ServerEvent) => void, onLine: (isUp: boolean) => void): () => void {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => onLine(true));
  source.addEventListener('error', () => onLine(false));
  source.addEventListener('message', (message: MessageEvent<string>) =>
    onEvent(JSON.parse(message.data) as ServerEvent),
  );
  return () => source.close();
}
