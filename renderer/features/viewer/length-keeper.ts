// Where the viewer's lengths are kept: the backend's journal, by way of the page's outbox.
import { backend, BackendError } from '../../backend-client/client.ts';
import { handOverLengths } from '../../local-db/database.ts';
import { LengthOutbox } from '../../local-db/length-outbox.ts';
import type { ArchiveStore } from '../archive/index.ts';
import type { LengthKeeper } from './study-lengths.ts';

/** Said again, these would be refused again. */
const FINAL = new Set(['not-found', 'bad-request', 'forbidden']);

let outbox: LengthOutbox | undefined;

/** One for the page, made when lengths are looked at first. */
function openOutbox(): LengthOutbox {
  if (outbox) return outbox;
  const made = new LengthOutbox({
    transport: { keep: backend.keepLength, forget: backend.forgetLength },
    fateOf: (error) => (error instanceof BackendError && FINAL.has(error.code) ? 'refused' : 'again'),
    storage: localStorage,
  });
  addEventListener('pagehide', () => made.sendNow());
  outbox = made;
  return made;
}

export function lengthKeeper(store: ArchiveStore): LengthKeeper {
  const box = openOutbox();
  const handedOver = handOverLengths((lengths) => lengths.forEach((each) => box.keep(each)));
  return {
    read: async (studyUid) => {
      // What cannot be read there stays there.
      await handedOver.catch(() => undefined);
      const view = await backend.lengths(studyUid);
      return { ...view, lengths: box.over(studyUid, view.lengths) };
    },
    save: async (studyUid) => {
      await box.drain();
      await backend.saveReport(studyUid);
    },
    keep: (length) => box.keep(length),
    forget: (studyUid, uid) => box.forget(studyUid, uid),
    follow: (studyUid, { waits, changed }) => {
      const ends = [box.follow(waits), store.onMarks(studyUid, changed)];
      return () => ends.forEach((end) => end());
    },
  };
}
