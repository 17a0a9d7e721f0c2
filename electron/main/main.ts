// Entry of Electron's main process: life cycle only. What it starts stands in the files beside; it knows no DICOM.
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  net,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
} from 'electron';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { currentFolder } from '../cli/current-folder.ts';
import { superviseBackend, type BackendProcess } from './backend-process.ts';
import { commandOf, runCommandLine } from './command-line.ts';
import { registerDesktopCalls } from './desktop-calls.ts';
import { CHANNELS } from './desktop-channels.ts';
import { openKeyStore } from './key-store.ts';
import { menuTemplate } from './menu.ts';
import { optionOf, parseOpenRequest, studyOfLink, type OpenRequest } from './open-request.ts';
import { PAGE_SCHEME } from './page-address.ts';
import { withOpened, type RecentStudy } from './recent-studies.ts';
import { createSchemeHandler, PRIVILEGED_SCHEME } from './scheme.ts';
import { guardNavigation } from './security/navigation.ts';
import { guardPermissions } from './security/permissions.ts';
import { guardRequests } from './security/requests.ts';
import { guardPage } from './windows/guard-page.ts';
import { openMainWindow } from './windows/main-window.ts';

const BUILT = path.join(import.meta.dirname, '..');
const STOP_GRACE_MS = 10_000;
const argv = process.argv.slice(app.isPackaged ? 1 : 2);

let window: BrowserWindow | undefined;
let backend: BackendProcess | undefined;
let recent: RecentStudy[] = [];
let isPageReady = false;
const waiting: OpenRequest[] = [];

/** Hands what the system asked for to the page, once it listens. */
function pass(request: OpenRequest): void {
  if (!window || !isPageReady) {
    waiting.push(request);
    return;
  }
  if (request.paths.length) window.webContents.send(CHANNELS.openPaths, request.paths);
  if (request.studyUid !== undefined) window.webContents.send(CHANNELS.openStudy, request.studyUid);
}

async function pickImportPaths(kind: 'folder' | 'files'): Promise<string[]> {
  if (!window) return [];
  const picked = await dialog.showOpenDialog(window, {
    properties: [kind === 'folder' ? 'openDirectory' : 'openFile', 'multiSelections'],
  });
  return picked.filePaths;
}

function showMenu(): void {
  const importWith = (kind: 'folder' | 'files') => (): void =>
    void pickImportPaths(kind).then((paths) => pass({ paths, studyUid: undefined }));
  const actions = {
    importFolder: importWith('folder'),
    importFiles: importWith('files'),
    openStudy: (studyUid: string) => pass({ paths: [], studyUid }),
  };
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, recent, actions)));
}

async function startBackend(): Promise<BackendProcess> {
  const keyStore = await openKeyStore(safeStorage, process.platform);
  const [data, passphraseFile] = [optionOf(argv, '--data'), optionOf(argv, '--passphrase-file')];
  const child = utilityProcess.fork(path.join(import.meta.dirname, 'backend-entry.mjs'), [], {
    serviceName: 'Lectern backend',
    stdio: 'inherit',
    env: { ...process.env, UV_THREADPOOL_SIZE: process.env['UV_THREADPOOL_SIZE'] ?? '16' },
  });
  const start = {
    kind: 'start' as const,
    version: app.getVersion(),
    hasKeyStore: keyStore !== undefined,
    isDemoForced: argv.includes('--demo'),
    isDemoForbidden: argv.includes('--no-demo'),
    ...(data !== undefined && { data }),
    ...(passphraseFile !== undefined && { passphraseFile }),
  };
  return superviseBackend(child, start, keyStore, (sentence) => void askAfterLoss(sentence));
}

async function askAfterLoss(sentence: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Lectern',
    message: 'The backend of Lectern has ended.',
    detail: `${sentence} Everything stored is safe; transfers go on after the next start.`,
    buttons: ['Start Lectern again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0) app.relaunch();
  app.quit();
}

/** Its page calls as soon as it runs, which is before it has loaded. */
function guardWindow(opened: BrowserWindow): void {
  window = opened;
  opened.on('closed', () => {
    window = undefined;
    app.quit();
  });
  guardPage({
    window: opened,
    ask: async (question) => (await dialog.showMessageBox(opened, question)).response,
    onLeft: () => (isPageReady = false),
    quit: () => app.quit(),
  });
}

function preparePageSession(): Electron.Session {
  const pages = session.fromPartition('persist:lectern');
  guardPermissions(pages);
  guardRequests(pages);
  const handler = createSchemeHandler({
    pageRoot: path.join(BUILT, 'renderer'),
    backend: () => backend?.address() ?? Promise.reject(new Error('no backend')),
    fetch: (address, init) => net.fetch(address, init),
  });
  pages.protocol.handle(PAGE_SCHEME, handler);
  return pages;
}

function registerCalls(): void {
  registerDesktopCalls(ipcMain, {
    isOurWindow: (contentsId) => window?.webContents.id === contentsId,
    pickImportPaths,
    noteOpened: (studyUid) => {
      recent = withOpened(recent, studyUid, new Date());
      showMenu();
    },
    reportReady: () => {
      isPageReady = true;
      process.send?.('ready');
      for (const request of waiting.splice(0)) pass(request);
    },
  });
}

async function startUp(): Promise<void> {
  backend = await startBackend();
  const pages = preparePageSession();
  registerCalls();
  showMenu();
  pass(parseOpenRequest(argv, currentFolder()));
  await backend.address();
  await openMainWindow({
    session: pages,
    preloadFile: path.join(import.meta.dirname, 'preload.cjs'),
    guard: guardWindow,
  });
}

function main(): void {
  app.enableSandbox();
  const command = commandOf(argv);
  if (command) {
    void app.whenReady().then(() =>
      runCommandLine(command, {
        fork: (given) =>
          utilityProcess.fork(path.join(import.meta.dirname, 'command-line.mjs'), [...given], { stdio: 'inherit' }),
        stdin: () => text(process.stdin),
        exit: (code) => app.exit(code),
      }),
    );
    return;
  }
  protocol.registerSchemesAsPrivileged([PRIVILEGED_SCHEME]);
  if (!app.requestSingleInstanceLock()) {
    // The one that runs has been given our arguments: for the starter Lectern is open.
    process.send?.('ready');
    app.quit();
    return;
  }
  app.on('web-contents-created', (_event, contents) =>
    guardNavigation(contents, (address) => void shell.openExternal(address)),
  );
  app.on('second-instance', (_event, otherArgv, folder) => {
    pass(parseOpenRequest(otherArgv.slice(app.isPackaged ? 1 : 2), folder));
    window?.restore();
    window?.focus();
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    pass({ paths: [file], studyUid: undefined });
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    pass({ paths: [], studyUid: studyOfLink(link) });
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (!backend) return;
    event.preventDefault();
    const stopping = backend;
    backend = undefined;
    void stopping.stop(STOP_GRACE_MS).finally(() => app.quit());
  });
  void app
    .whenReady()
    .then(startUp)
    .catch((error: unknown) => {
      dialog.showErrorBox('Lectern cannot start', error instanceof Error ? error.message : 'The cause is not known.');
      app.exit(1);
    });
}

main();
