// The two places of the program, study browser and viewer, in one page. The viewer's code is fetched while the browser
// rests, so that opening a study waits for its pictures only.
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { backend } from '../backend-client/client.ts';
import { BrowserScreen } from '../features/browser/index.ts';
import { createArchiveStore, UnlockPage, type ArchiveStore } from '../features/archive/index.ts';

const loadViewer = () => import('../features/viewer/index.ts');
const ViewerScreen = lazy(async () => ({ default: (await loadViewer()).ViewerScreen }));

const store: ArchiveStore = createArchiveStore();
void store.start();

const studyOfHash = (): string | undefined => /^#\/study\/([0-9.]+)$/.exec(location.hash)?.[1];

export function App() {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [studyUid, setStudyUid] = useState(studyOfHash);

  useEffect(() => {
    const follow = (): void => setStudyUid(studyOfHash());
    addEventListener('hashchange', follow);
    const idle = setTimeout(() => void loadViewer().then((viewer) => viewer.warmUp()), 300);
    return () => {
      removeEventListener('hashchange', follow);
      clearTimeout(idle);
    };
  }, []);

  const open = useCallback((uid: string) => {
    void loadViewer().then((viewer) => viewer.prepareStudy(uid, store));
    history.pushState(undefined, '', `#/study/${uid}`);
    window.desktop?.noteOpened(uid);
    setStudyUid(uid);
  }, []);
  const close = useCallback(() => {
    history.pushState(undefined, '', '#/');
    setStudyUid(undefined);
  }, []);

  useEffect(() => {
    const { desktop } = window;
    if (!desktop) return undefined;
    const ends = [
      desktop.onOpenStudy(open),
      desktop.onOpenPaths((paths) => void store.attempt(() => backend.importPaths(paths))),
    ];
    desktop.reportReady();
    return () => ends.forEach((end) => end());
  }, [open]);

  if (state.session?.archive.state === 'locked') return <UnlockPage store={store} />;
  return (
    <>
      <div hidden={studyUid !== undefined} style={{ height: '100%' }}>
        <BrowserScreen store={store} onOpen={open} isShown={studyUid === undefined} />
      </div>
      {studyUid !== undefined && (
        <Suspense fallback={<div className="center-page quiet">Opening</div>}>
          <ViewerScreen key={studyUid} studyUid={studyUid} store={store} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
