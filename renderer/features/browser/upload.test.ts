// Files on their way to the backend: a cut of the line loses none of them, and a long one ends the job.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backend, BackendError } from '../../backend-client/client.ts';
import { reasonOf, titleOf, upload, withOwnPaths } from './upload.ts';

const away = new BackendError('unreachable', 'The backend does not answer.');
const named = ['I1', 'I2', 'I3', 'I4', 'I5'].map((path) => ({ path, file: new File(['DICM'], path) }));
const store = { state: () => ({ jobs: [] }) as never, subscribe: () => () => undefined };
let came: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  came = [];
  vi.spyOn(backend, 'beginUpload').mockResolvedValue({ job: { id: 'job' } } as never);
  vi.spyOn(backend, 'completeUpload').mockResolvedValue({} as never);
  vi.spyOn(backend, 'leaveUpload').mockResolvedValue(undefined);
  vi.spyOn(backend, 'steerJob').mockResolvedValue({} as never);
  vi.spyOn(backend, 'reportUnread').mockResolvedValue();
  vi.spyOn(backend, 'uploadFile').mockImplementation((_, path) => {
    came.push(path);
    return Promise.resolve({ reports: [], isPaused: false });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('files of one name are told apart, whatever the others are called', () => {
  const paths = ['IM1', 'IM1 (2)', 'IM1', 'a/IM1', 'IM1'].map((path, size) => ({ path, size }));
  const taken = new Set<string>();
  expect(withOwnPaths(paths, taken)).toEqual(
    ['IM1', 'IM1 (2)', 'IM1 (3)', 'a/IM1', 'IM1 (4)'].map((path, size) => ({ path, size })),
  );
  expect(withOwnPaths([{ path: 'a/IM1' }], taken)).toEqual([{ path: 'a/IM1 (2)' }]);
});

test('a job of several files is named by their number, not as if the first of them were a folder', () => {
  const title = (...paths: string[]): string => titleOf(paths.map((path) => ({ path })));
  expect(title('lock1.zip')).toBe('lock1.zip');
  expect(title('disc/IM/1')).toBe('disc/IM/1');
  expect(title('disc/IM/1', 'disc/DICOMDIR')).toBe('disc (2 files)');
  expect(title('lock1.zip', 'lock2.zip')).toBe('2 files (lock1.zip, lock2.zip)');
  expect(title('lock1.zip', 'disc/IM/1', 'disc/IM/2', 'b.dcm')).toBe('4 files (lock1.zip, disc, …)');
});

test('what the backend did not answer is handed over again, and the job is completed', async () => {
  vi.mocked(backend.uploadFile).mockRejectedValueOnce(away).mockRejectedValueOnce(away);
  vi.mocked(backend.completeUpload).mockRejectedValueOnce(away);
  const uploading = upload({ files: named, unread: [] }, store);
  await vi.runAllTimersAsync();
  await expect(uploading).resolves.toEqual({ jobId: 'job', locked: [] });
  expect(came.toSorted()).toEqual(named.map(({ path }) => path));
  expect(backend.completeUpload).toHaveBeenCalledTimes(2);
  expect(backend.steerJob).not.toHaveBeenCalled();
  expect(backend.leaveUpload).not.toHaveBeenCalled();
});

test('a line that is down for a minute ends the job as cut, not as cancelled, as soon as it is up', async () => {
  vi.mocked(backend.uploadFile).mockRejectedValue(away);
  vi.mocked(backend.leaveUpload).mockRejectedValueOnce(away).mockRejectedValueOnce(away);
  const uploading = upload({ files: named, unread: [] }, store);
  await vi.advanceTimersByTimeAsync(55_000);
  expect(backend.leaveUpload).not.toHaveBeenCalled();
  await vi.runAllTimersAsync();
  await expect(uploading).resolves.toEqual({ jobId: 'job', locked: [] });
  expect(backend.leaveUpload).toHaveBeenCalledTimes(3);
  expect(backend.leaveUpload).toHaveBeenLastCalledWith('job', true);
  expect(backend.steerJob).not.toHaveBeenCalled();
  expect(backend.completeUpload).not.toHaveBeenCalled();
});

test('a failure of the backend ends the job and is told; a job that has ended is neither', async () => {
  vi.mocked(backend.uploadFile).mockRejectedValueOnce(new BackendError('disk-full', 'The disk is full.'));
  await expect(upload({ files: named, unread: [] }, store)).rejects.toThrow('The disk is full.');
  expect(backend.steerJob).toHaveBeenCalledExactlyOnceWith('job', 'cancel');
  vi.mocked(backend.uploadFile).mockRejectedValueOnce(new BackendError('conflict', 'This upload has ended.'));
  await upload({ files: named, unread: [] }, store);
  expect(backend.steerJob).toHaveBeenCalledOnce();
  expect(backend.leaveUpload).not.toHaveBeenCalled();
});

test('a file that was changed on its way is told as that, not in the words of the browser', async () => {
  const changed = new File(['DICM'], 'I1');
  const failure = new DOMException('The file could not be read, due to permission problems.', 'NotReadableError');
  vi.spyOn(changed, 'slice').mockReturnValue({ arrayBuffer: () => Promise.reject(failure) } as never);
  vi.mocked(backend.uploadFile).mockRejectedValueOnce(away);
  await upload({ files: [{ path: 'I1', file: changed }], unread: [] }, store);
  const reason = 'This was changed since it was chosen, or may not be read by this account: import it again.';
  expect(backend.reportUnread).toHaveBeenCalledExactlyOnceWith('job', 'I1', reason);
  expect(reasonOf(new Error('odd'))).toBe('This could not be read: odd');
});

test('a DICOMDIR alone is no import, with the files that it lists it is', async () => {
  const file = new File(['DICM'], 'DICOMDIR');
  for (const path of ['DICOMDIR', 'dicomdir;1'])
    await expect(upload({ files: [{ path, file }], unread: [] }, store)).rejects.toThrow('folder that it lies in');
  expect(backend.beginUpload).not.toHaveBeenCalled();
  for (const path of ['disc/DICOMDIR', 'DICOMDIR'])
    await upload({ files: [{ path, file }, ...(path === 'DICOMDIR' ? named : [])], unread: [] }, store);
  expect(came.toSorted()).toEqual(['DICOMDIR', ...named.map(({ path }) => path), 'disc/DICOMDIR'].toSorted());
});
