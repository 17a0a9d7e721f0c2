// The only way a call of the page reaches main: from the main frame of one of our windows, from our document, with
// arguments that fit their schema. All else is refused, a frame without address included (checklist 17).
import type { IpcMain, IpcMainInvokeEvent, WebFrameMain } from 'electron';
import type { z } from 'zod';
import { isPageDocument } from '../page-address.ts';

export interface Sender {
  senderFrame: Pick<WebFrameMain, 'url'> | null;
  sender: { mainFrame: unknown; id: number };
}

/** Whether a call comes from the main frame of a window of ours that shows our document. */
export function isTrustedSender(
  { senderFrame, sender }: Sender,
  isOurWindow: (contentsId: number) => boolean,
): boolean {
  return (
    senderFrame !== null &&
    senderFrame === sender.mainFrame &&
    isOurWindow(sender.id) &&
    isPageDocument(senderFrame.url)
  );
}

export interface TrustedChannel<Schema extends z.ZodType> {
  ipc: Pick<IpcMain, 'handle'>;
  channel: string;
  argument: Schema;
  isOurWindow(contentsId: number): boolean;
  run(argument: z.output<Schema>, event: IpcMainInvokeEvent): unknown;
}

/** Registers one call with one argument. The page sees a rejected promise without detail where it is refused. */
export function trustedHandle<Schema extends z.ZodType>(options: TrustedChannel<Schema>): void {
  options.ipc.handle(options.channel, (event, argument: unknown) => {
    if (!isTrustedSender(event, options.isOurWindow)) throw new Error('refused');
    const parsed = options.argument.safeParse(argument);
    if (!parsed.success) throw new Error('refused');
    return options.run(parsed.data, event);
  });
}
