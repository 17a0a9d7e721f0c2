import { expect, test } from 'vitest';
import type { Job } from '#shared/contract/views.ts';
import { indexWords } from './index-words.logic.ts';

const job = (state: Job['state'], kind: Job['kind'] = 'rebuild'): Job => ({
  id: state,
  kind,
  title: '',
  state,
  itemsDone: 0,
  itemsTotal: null,
  bytesDone: 0,
  bytesTotal: null,
  createdAt: 1,
  finishedAt: ['done', 'failed', 'cancelled'].includes(state) ? 2 : null,
  counts: {},
  message: null,
});

test.each([
  ['one that is paused', [job('paused', 'import'), job('paused'), job('failed')], { jobId: 'paused', what: 'resume' }],
  ['one that was cancelled', [job('cancelled'), job('done')], { jobId: 'cancelled', what: 'again' }],
  ['one that failed', [job('failed')], { jobId: 'failed', what: 'again' }],
  ['one that waits for its turn', [job('queued')], undefined],
  ['one at work', [job('running'), job('failed')], undefined],
  ['one of the command line, which is no job', [], undefined],
])('of the latest rebuild, %s, a button lets it go on where it does not by itself', (_, jobs, help) => {
  const words = indexWords(jobs);
  expect(words.text).toContain('Not all studies are listed until that is done.');
  if (help) expect(words.help).toMatchObject(help);
  else expect(words.help).toBeUndefined();
});
