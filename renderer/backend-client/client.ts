// Typed calls to the backend of this page's own origin. A failure is a BackendError with the code of the contract.
import { ERROR_TABLE, type ErrorCode, type Problem } from '#shared/contract/errors.ts';
import {
  frameName,
  type KeyImage,
  type KeyImagesView,
  type MarkCounts,
  type StoredLength,
  type StudyLengthsView,
} from '#shared/contract/marks.ts';
import type { Changes, Conflict, FileReport, Job, Retention, SessionInfo, Settings } from '#shared/contract/views.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { PAGE } from './events.ts';

export class BackendError extends Error {
  override name = 'BackendError';
  readonly code: ErrorCode | 'unreachable';
  constructor(code: ErrorCode | 'unreachable', message: string) {
    super(message);
    this.code = code;
  }
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in ERROR_TABLE;

async function problemOf(response: Response): Promise<BackendError> {
  const body: unknown = await response.json().catch(() => undefined);
  const { code, detail, title } = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  return new BackendError(
    isCode(code) ? code : 'internal',
    detail ?? title ?? `The backend answered ${response.status}.`,
  );
}

const unreachable = (): BackendError => new BackendError('unreachable', 'The backend does not answer.');

/** Fetches; rejects with BackendError for everything that is not 2xx, with AbortError when aborted. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const isChange = init.method !== undefined && init.method !== 'GET';
  const headers = new Headers(init.headers);
  if (isChange) headers.set('x-lectern', '1');
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** An answer that is cut on its way is none. */
async function jsonOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw unreachable();
  }
}

export const get = async <T>(path: string): Promise<T> => jsonOf(await request(path));
export const post = <T>(path: string, body: unknown = {}): Promise<T> => send('POST', path, body);
export async function send<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
  const response = await request(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  return response.status === 204 ? (undefined as T) : jsonOf(response);
}

export const backend = {
  session: () => get<SessionInfo>('/api/session'),
  unlock: (passphrase: string) => post<void>('/api/unlock', { passphrase }),
  setPassphrase: (passphrase: string, current?: string) =>
    post<void>('/api/passphrase', { passphrase, ...(current !== undefined && { current }) }),
  changes: (since: number) => get<Changes>(`/api/changes?since=${since}`),
  jobs: () => get<{ jobs: Job[] }>('/api/jobs'),
  importPaths: (paths: string[], password?: string) =>
    post<{ job: Job }>('/api/jobs/import', { paths, ...(password !== undefined && { password }) }),
  beginUpload: (title: string, itemsTotal: number, bytesTotal: number) =>
    post<{ job: Job }>('/api/uploads', { title, itemsTotal, bytesTotal, page: PAGE }),
  /** `isPaused`: no more is to be sent until the job goes on. `password` opens the members of an encrypted ZIP; it travels in a
   * header, never in the address. */
  uploadFile: async (jobId: string, path: string, file: Blob, password?: string) => {
    const answer = await request(`/api/uploads/${jobId}/files?path=${encodeURIComponent(path)}`, {
      method: 'PUT',
      body: file,
      ...(password !== undefined && { headers: { 'x-zip-password': encodeURIComponent(password) } }),
    });
    const reports = await jsonOf<FileReport[]>(answer);
    return { reports, isPaused: answer.headers.get('x-job-state') === 'paused' };
  },
  /** Notes a file that could not be read here in the upload's report. */
  reportUnread: (jobId: string, path: string, reason: string) =>
    post<void>(`/api/uploads/${jobId}/unread`, { path, reason }),
  beginExport: (studyUids: string[], title: string) => post<{ job: Job }>('/api/exports', { studyUids, title }),
  /** Reaches the backend when the page goes; `isPageThere`: it stays, but could not hand over its files. */
  leaveUpload: async (jobId: string, isPageThere = false) =>
    void (await request(`/api/uploads/${jobId}/leave${isPageThere ? '?page=there' : ''}`, {
      method: 'POST',
      keepalive: true,
    })),
  completeUpload: (jobId: string) => post<{ job: Job }>(`/api/uploads/${jobId}/complete`),
  steerJob: (jobId: string, what: 'pause' | 'resume' | 'cancel') => post<{ job: Job }>(`/api/jobs/${jobId}/${what}`),
  /** Starts the same work once more. */
  repeatJob: (jobId: string) => post<{ job: Job }>(`/api/jobs/${jobId}/again`),
  /** Lets a waiting job pass those that are less urgent. */
  hurryJob: (jobId: string) => post<{ job: Job }>(`/api/jobs/${jobId}/hurry`, { urgency: 'visible' }),
  jobReport: (jobId: string) => get<FileReport[]>(`/api/jobs/${jobId}/report`),
  removeStudy: async (studyUid: string) => void (await request(`/api/studies/${studyUid}`, { method: 'DELETE' })),
  pinStudy: (studyUid: string, isPinned: boolean) =>
    post<void>(`/api/studies/${studyUid}/${isPinned ? 'pin' : 'unpin'}`),
  markCounts: () => get<MarkCounts>('/api/marks'),
  lengths: (studyUid: string) => get<StudyLengthsView>(`/api/studies/${studyUid}/lengths`),
  saveReport: (studyUid: string) => post<unknown>(`/api/studies/${studyUid}/report`),
  /** Also reaches the backend when the page goes. */
  keepLength: async (length: StoredLength) =>
    void (await request(`/api/studies/${length.studyUid}/lengths/${length.uid}`, {
      method: 'PUT',
      body: JSON.stringify(length),
      headers: { 'content-type': 'application/json' },
      keepalive: true,
    })),
  forgetLength: async (studyUid: string, uid: string) =>
    void (await request(`/api/studies/${studyUid}/lengths/${uid}`, { method: 'DELETE', keepalive: true })),
  keyImages: (studyUid: string) => get<KeyImagesView>(`/api/studies/${studyUid}/key-images`),
  keepKeyImage: (image: KeyImage) =>
    send<void>('PUT', `/api/studies/${image.studyUid}/key-images/${frameName(image)}`, image),
  forgetKeyImage: async (image: KeyImage) =>
    void (await request(`/api/studies/${image.studyUid}/key-images/${frameName(image)}`, { method: 'DELETE' })),
  saveSelection: (studyUid: string) => post<unknown>(`/api/studies/${studyUid}/selection`),
  addDemo: () => post<{ job: Job }>('/api/demo/add'),
  removeDemo: () => post<void>('/api/demo/remove'),
  verify: () => post<{ job: Job }>('/api/verify'),
  conflicts: () => get<{ conflicts: Conflict[] }>('/api/conflicts'),
  /** Destroys what lies in quarantine; what was stored first stays. */
  keepStored: async (conflictId: number) => void (await request(`/api/conflicts/${conflictId}`, { method: 'DELETE' })),
  /** Lets the quarantined instance and the stored one change places. */
  preferConflict: (conflictId: number) => post<void>(`/api/conflicts/${conflictId}/prefer`),
  settings: () => get<Settings>('/api/settings'),
  setRetention: (retention: Retention) => send<void>('PUT', '/api/settings/retention', retention),
  runRetention: () => post<{ job: Job }>('/api/retention/run'),
  addWatchFolder: (path: string) => post<void>('/api/settings/watch-folders', { path }),
  removeWatchFolder: async (path: string) =>
    void (await request(`/api/settings/watch-folders?path=${encodeURIComponent(path)}`, { method: 'DELETE' })),
  audit: (limit: number, before?: number) =>
    get<{ records: Record<string, unknown>[]; firstBroken: number | null }>(
      `/api/audit?limit=${limit}${before === undefined ? '' : `&before=${before}`}`,
    ),
  seriesMetadata: (studyUid: string, seriesUid: string) =>
    get<DicomJson[]>(`/api/dicomweb/studies/${studyUid}/series/${seriesUid}/metadata`),
};
