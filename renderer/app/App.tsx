// The places of the program, study browser, search, viewer and settings, in one page; files dropped anywhere are imported. The
// viewer's code is fetched while the browser rests, so that opening a study waits for its pictures only.
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { backend } from '../backend-client/client.ts';
import { desktop } from '../backend-client/desktop.ts';
import { BrowserScreen, ImportArea } from '../features/browser/index.ts';
import { createArchiveStore, UnlockPage, type ArchiveStore } from '../features/archive/index.ts';
import { networkStore } from '../features/nodes/index.ts';
import type { WantedPatient } from '../features/search/index.ts';

const loadViewer = () => import('../features/viewer/index.ts');
const ViewerScreen = lazy(async () => ({ default: (await loadViewer()).ViewerScreen }));
const SearchScreen = lazy(async () => ({ default: (await import('../features/search/index.ts')).SearchScreen }));
const SettingsScreen = lazy(async () => ({ default: (await import('../features/settings/index.ts')).SettingsScreen }));

const store: ArchiveStore = createArchiveStore();
store.onSettings(() => void networkStore.getState().reload());
void store.start();

interface Place {
  name: 'browser' | 'search' | 'viewer' | 'settings';
  studyUid?: string;
  seriesUid?: string;
}

function placeOfHash(): Place {
  if (location.hash === '#/settings') return { name: 'settings' };
  if (location.hash === '#/search') return { name: 'search' };
  const [, studyUid, seriesUid] = /^#\/study\/([0-9.]+)(?:\/([0-9.]+))?$/.exec(location.hash) ?? [];
  if (studyUid === undefined) return { name: 'browser' };
  return { name: 'viewer', studyUid, ...(seriesUid !== undefined && { seriesUid }) };
}

export function App() {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [place, setPlace] = useState(placeOfHash);
  const [wanted, setWanted] = useState<WantedPatient>();
  const [wasSearching, setSearching] = useState(place.name === 'search');
  const [lastOpened, setLastOpened] = useState(place.studyUid);

  const goTo = useCallback((hash: string) => {
    history.pushState(undefined, '', hash);
    setPlace(placeOfHash());
  }, []);
  useEffect(() => {
    const follow = (): void => setPlace(placeOfHash());
    addEventListener('hashchange', follow);
    addEventListener('popstate', follow);
    // Where this fails, opening a study tries again and says so.
    const idle = setTimeout(
      () =>
        void loadViewer().then(
          (viewer) => viewer.warmUp(),
          () => undefined,
        ),
      300,
    );
    return () => {
      removeEventListener('hashchange', follow);
      removeEventListener('popstate', follow);
      clearTimeout(idle);
    };
  }, []);

  const open = useCallback(
    (studyUid: string, seriesUid?: string) => {
      void loadViewer().then((viewer) => viewer.prepareStudy(studyUid, store));
      goTo(`#/study/${studyUid}${seriesUid === undefined ? '' : `/${seriesUid}`}`);
      desktop()?.noteOpened(studyUid);
      setLastOpened(studyUid);
    },
    [goTo],
  );
  const toBrowser = useCallback(() => goTo('#/'), [goTo]);
  const toSearch = useCallback(
    (patient?: WantedPatient) => {
      // A new object: the same patient may be asked for again.
      if (patient) setWanted({ ...patient });
      setSearching(true);
      goTo('#/search');
    },
    [goTo],
  );
  const toSettings = useCallback(() => goTo('#/settings'), [goTo]);

  useEffect(() => {
    const bridge = desktop();
    if (!bridge) return undefined;
    const ends = [
      bridge.onOpenStudy(open),
      bridge.onOpenPaths((paths) => void store.attempt(() => backend.importPaths(paths))),
    ];
    bridge.reportReady();
    return () => ends.forEach((end) => end());
  }, [open]);

  if (state.session?.archive.state === 'locked') return <UnlockPage store={store} />;
  const { name, studyUid, seriesUid } = place;
  const hasSearch = wasSearching || name === 'search';
  return (
    <ImportArea store={store}>
      <div hidden={name !== 'browser'} style={{ height: '100%' }}>
        <BrowserScreen
          store={store}
          onOpen={open}
          onSettings={toSettings}
          onSearch={toSearch}
          lastOpened={lastOpened}
          isShown={name === 'browser'}
        />
      </div>
      {hasSearch && (
        <div hidden={name !== 'search'} style={{ height: '100%' }}>
          <Suspense fallback={<div className="center-page quiet">Opening</div>}>
            <SearchScreen
              store={store}
              isShown={name === 'search'}
              wanted={wanted}
              onOpen={open}
              onSettings={toSettings}
              onClose={toBrowser}
            />
          </Suspense>
        </div>
      )}
      {name === 'settings' && (
        <Suspense fallback={<div className="center-page quiet">Opening</div>}>
          <SettingsScreen store={store} onClose={toBrowser} />
        </Suspense>
      )}
      {studyUid !== undefined && (
        <Suspense fallback={<div className="center-page quiet">Opening</div>}>
          <ViewerScreen
            key={studyUid}
            studyUid={studyUid}
            {...(seriesUid !== undefined && { seriesUid })}
            store={store}
            onClose={toBrowser}
          />
        </Suspense>
      )}
    </ImportArea>
  );
}
