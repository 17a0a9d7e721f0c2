// A backend in a folder of its own for each test of a file, spoken to through its handler as the page does.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Job } from '#shared/contract/views.ts';
import { EXPLICIT, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { createBackend, type Backend } from '#backend/app.ts';
import { localPeople } from '#backend/people/people.ts';

export class TestedBackend {
  /** Of this test, with `data`, `keys` and what the test puts there. */
  folder = '';
  backend!: Backend;
  readonly bugs: unknown[] = [];

  /** Opens it, also again after `backend.close()`. */
  async open(): Promise<void> {
    this.backend = await createBackend({
      dataDir: path.join(this.folder, 'data'),
      keyDir: path.join(this.folder, 'keys'),
      version: 'test',
      shell: 'browser',
      isResident: true,
      people: localPeople('tester'),
      onBug: (error) => this.bugs.push(error),
    });
  }

  call(method: string, address: string, body?: unknown): Promise<Response> {
    return this.backend.fetch(
      new Request(`http://127.0.0.1/api${address}`, {
        method,
        headers: { 'x-lectern': '1', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  }

  async got<T>(address: string): Promise<T> {
    return (await (await this.call('GET', address)).json()) as T;
  }

  /** A file below `source`. */
  put(name: string, bytes: Uint8Array): string {
    const file = path.join(this.folder, 'source', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
    return file;
  }

  take(...files: string[]): Promise<unknown> {
    return Promise.all(files.map((file) => this.backend.open().archive.ingest.file({ path: file })));
  }

  /** As if nothing had come for an hour. */
  rest(): void {
    this.backend.open().archive.index.db.prepare('UPDATE study SET received_at = received_at - 3600000').run();
  }

  /** Study Instance UID of each stored instance, in order. */
  studies(): string[] {
    return this.backend
      .open()
      .archive.index.locateAll({})
      .map(({ studyUid }) => studyUid)
      .sort();
  }

  /** Resolves to the first job of this kind that has ended. */
  ended(kind: Job['kind']): Promise<Job> {
    return this.#first((job) => job.kind === kind);
  }

  /** Resolves when the job that such an answer names has ended. */
  async jobOf(answer: Promise<Response>): Promise<Job> {
    const { job } = (await (await answer).json()) as { job: Job };
    return this.#first(({ id }) => id === job.id);
  }

  #first(isMeant: (job: Job) => boolean): Promise<Job> {
    const { jobs } = this.backend.open();
    return new Promise((resolve) => {
      const look = (): void => {
        const job = jobs.list().find((each) => isMeant(each) && each.finishedAt !== null);
        if (!job) return;
        off();
        resolve(job);
      };
      const off = jobs.onChange(look);
      look();
    });
  }
}

/** Open in each test of the file; one in which the backend told of a bug fails. */
export function backendForEachTest(): TestedBackend {
  const tested = new TestedBackend();
  beforeEach(async () => {
    tested.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-backend-'));
    tested.bugs.length = 0;
    await tested.open();
  });
  afterEach(async () => {
    await tested.backend.close();
    fs.rmSync(tested.folder, { recursive: true });
    expect(tested.bugs).toEqual([]);
  });
  return tested;
}

/** An object without a picture of a study of a patient of its own, each told by a number. */
export function instance(study: number, sop: number, changed: Dataset = {}): Uint8Array {
  return writeFile(
    {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', `1.2.3.${study}.${sop}`),
      '00080060': text('CS', 'OT'),
      '00100010': text('PN', `Patient^${study}`),
      '00100020': text('LO', `P${study}`),
      '0020000D': text('UI', `1.2.3.${study}`),
      '0020000E': text('UI', `1.2.3.${study}.0`),
      '00200013': numbers('US', sop),
      ...changed,
    },
    { transferSyntaxUid: EXPLICIT },
  );
}
