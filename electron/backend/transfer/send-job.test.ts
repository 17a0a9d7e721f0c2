// Sending as a job: what was taken is answered for though other instances were not, and what a rule sends waits for the node.
import { describe, expect, test } from 'vitest';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { NO_LACK } from '#backend/archive/lacks.ts';
import { NOT_ALL_LISTED } from '#backend/archive/lost-instances.ts';
import { JobStopped, type JobContext } from '#backend/jobs/job-context.ts';
import { HttpRefusal } from '#backend/sources/dicomweb/http-client.ts';
import type { CommitResult, StoreOutcome } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { runSend, type SendInput } from './send-job.ts';
import type { Transfers } from './transfers.ts';

interface Node {
  away?: number;
  /** What it says while it is. */
  busy?: LecternError;
  /** It is not set up when it is looked for so many times. */
  absent?: number;
  /** What a person has removed by a look for the instances, by its number. */
  removed?(look: number): readonly string[];
  /** More comes to the job while the node is sent to for the so many-th time. */
  moreAt?: number;
  onPause?(): void;
  fateOf?(uid: string): StoreOutcome['outcome'];
  /** Of those that fail, or are taken with a warning. */
  why?: Partial<StoreOutcome>;
  /** Sent by an earlier run of the job, with the code of its item. */
  before?: Record<string, string | undefined>;
  /** How many of what is sent are lost here. */
  lost?: number;
  /** The index is being made anew until they were looked up. */
  isUnlisted?: boolean;
  /** Without its end in the archive. */
  cut?: readonly string[];
  /** It answers for all that it is asked for. */
  isSure?: boolean;
  /** Its answer to that never comes. */
  isSilent?: boolean;
}

/** A node that is away for so many tries, then answers each instance with what `fateOf` says; it answers for those in `answersFor`. */
function sending(input: Partial<SendInput>, parts: Node) {
  let { uids = ['1.2.1', '1.2.2', '1.2.3'] } = input;
  const notes: (string | null)[] = [];
  const items: string[] = [];
  const askedFor: string[][] = [];
  const pauses: number[] = [];
  let [tries, looks, locates, asides, bytes, done] = [0, 0, 0, 0, 0, 0];
  const cancelled = new AbortController();
  let tellOther: ((result: CommitResult) => void) | undefined;
  const context: Partial<JobContext> = {
    signal: cancelled.signal,
    checkpoint: () => Promise.resolve(),
    untilPaused: () => new AbortController().signal,
    isDone: (uid) => uid in (parts.before ?? {}),
    codeOf: (uid) => parts.before?.[uid],
    setTotals: () => undefined,
    skip: (_path, more) => {
      bytes += more;
      done++;
    },
    advance: (more) => void (done += more),
    note: (text) => void notes.push(text),
    item: ({ path, code = 'sent' }, more) => {
      items.push(`${path} ${code}`);
      done++;
      bytes += more;
    },
    remember: () => undefined,
    amend: (state, text) => void notes.push(`${state} after all: ${text}`),
    aside: (waiting) => {
      asides++;
      return waiting;
    },
  };
  const transfers: Pick<Transfers, 'locate' | 'lackOf' | 'isCut' | 'send' | 'commit' | 'has' | 'pause'> = {
    lackOf: () => {
      const [count, isUnlisted] = [parts.lost ?? 0, parts.isUnlisted === true && tries === 0];
      return { ...NO_LACK, missingCount: count, lostCount: count, isUnlisted };
    },
    isCut: (uid) => parts.cut?.includes(uid) === true,
    has: () => ++looks > (parts.absent ?? 0),
    // Time passes at once.
    pause: async (_node, ms) => {
      pauses.push(ms);
      parts.onPause?.();
    },
    locate: () => {
      const gone = parts.removed?.(++locates) ?? [];
      return uids
        .filter((uid) => !gone.includes(uid))
        .map((sopUid) => ({ sopUid, sizeBytes: 100 }) as InstanceLocation);
    },
    send: async (_node, left, onOutcome) => {
      if (++tries === parts.moreAt) whole.uids = uids = [...uids, '1.2.4'];
      if (tries <= (parts.away ?? 0))
        throw parts.busy ?? new LecternError('peer-unreachable', 'Nothing listens there.');
      const outcomes = left.map(({ sopUid }) => {
        const outcome = parts.fateOf?.(sopUid) ?? 'sent';
        return {
          sopClassUid: '1.2',
          sopInstanceUid: sopUid,
          outcome,
          bytes: 1,
          ...(outcome !== 'sent' && parts.why),
        };
      });
      for (const outcome of outcomes) onOutcome(outcome);
      return outcomes;
    },
    commit: async (_node, taken, _signal, options) => {
      tellOther = options?.onOther;
      askedFor.push(taken.map(({ sopUid }) => sopUid));
      if (parts.isSilent) {
        cancelled.abort(new JobStopped('cancelled'));
        throw cancelled.signal.reason;
      }
      const committed = taken.map(({ sopUid }) => ({ sopClassUid: '1.2', sopInstanceUid: sopUid }));
      const open = parts.isSure ? 0 : 1;
      return {
        transactionUid: '2.25.1',
        committed: committed.slice(open),
        failed: [],
        unanswered: committed.slice(0, open),
      };
    },
  };
  const whole: SendInput = { node: 'PACS', uids, commit: false, ...input };
  const work = runSend(context as JobContext, whole, transfers as Transfers);
  const other = (result: CommitResult): void => tellOther?.(result);
  return {
    work,
    notes,
    items,
    askedFor,
    pauses,
    other,
    tries: () => tries,
    asides: () => asides,
    bytes: () => bytes,
    done: () => done,
  };
}

describe('runSend', () => {
  test('a node that takes back what it answered for makes a failure of it', async () => {
    const job = sending({ commit: true }, { isSure: true });
    await job.work;
    const [first, ...others] = ['1.2.1', '1.2.2', '1.2.3'].map((sopInstanceUid) => ({
      sopClassUid: '1.2',
      sopInstanceUid,
    }));
    job.other({
      transactionUid: '2.25.1',
      committed: others,
      failed: [{ ...first!, reason: 'Gone.' }],
      unanswered: [],
    });
    expect(job.notes.at(-1)).toBe(
      'failed after all: PACS has 3 instances, had answered for them, and says now that it answers for only 2 of them: the others, in the report, are not safe to delete here.',
    );
    expect(job.items).toContain('commitment of 1.2.1 not-committed');
  });

  test('a node that answers later for what it did not makes good of it, in the report too', async () => {
    const job = sending({ commit: true }, { fateOf: (uid) => (uid === '1.2.3' ? 'refused' : 'sent') });
    await expect(job.work).rejects.toThrow('PACS has 2 instances but answers for only 1 of them');
    expect(job.items.at(-1)).toBe('commitment of 1.2.1 not-committed');
    const done = job.done();
    const committed = ['1.2.1', '1.2.2'].map((sopInstanceUid) => ({ sopClassUid: '1.2', sopInstanceUid }));
    job.other({ transactionUid: '2.25.1', committed, failed: [], unanswered: [] });
    expect(job.notes.at(-1)).toBe(
      'failed after all: 1 of 3 instances were not taken by PACS: see the report. It answers for the other 2: these are safe to delete here.',
    );
    expect([job.items.at(-1), job.done()]).toEqual(['commitment of 1.2.1 committed', done]);
    const whole = sending({ commit: true }, {});
    await expect(whole.work).rejects.toThrow('PACS has 3 instances but answers for only 2 of them');
    const all = [...committed, { sopClassUid: '1.2', sopInstanceUid: '1.2.3' }];
    whole.other({ transactionUid: '2.25.1', committed: all, failed: [], unanswered: [] });
    expect(whole.notes.at(-1)).toBe('done after all: PACS answers for all 3 instances: safe to delete here.');
  });

  test('one that is cancelled while the node is asked says that this was asked, and not answered', async () => {
    const job = sending({ commit: true }, { isSilent: true });
    await expect(job.work).rejects.toBeInstanceOf(JobStopped);
    expect(job.notes.at(-1)).toBe(
      'PACS has 3 instances and was asked whether it answers for them. It had not answered when this was cancelled, so they are not safe to delete here.',
    );
  });

  test('bytes come to their total: files as they lie here, also those that an earlier run sent', async () => {
    const job = sending({}, { before: { '1.2.1': undefined } });
    await job.work;
    expect(job.bytes()).toBe(300);
  });

  test('an instance that is not taken keeps nobody from asking for the others; those not answered for are named', async () => {
    const job = sending({ commit: true }, { fateOf: (uid) => (uid === '1.2.2' ? 'refused' : 'sent') });
    await expect(job.work).rejects.toThrow(
      '1 of 3 instances were not taken by PACS: see the report. PACS has 2 instances but answers for only 1 of them',
    );
    expect(job.askedFor).toEqual([['1.2.1', '1.2.3']]);
    expect(job.items).toContain('commitment of 1.2.1 not-committed');
  });

  test.each([{ isUntried: true } as const, { status: 0xa700 }])(
    'an instance that may go later (%o) is no reason for a rule to give up',
    async (why) => {
      let tries = 0;
      const job = sending({ isByRule: true }, { fateOf: () => (++tries <= 21 ? 'failed' : 'sent'), why });
      await job.work;
      expect(job.tries()).toBe(8);
    },
  );

  test('a node that asks to be left alone for a while is, and no longer than an hour', async () => {
    const busyFor = (ms: number): LecternError => new HttpRefusal('peer-unreachable', 'Busy.', 429, ms);
    const job = sending({ isByRule: true }, { away: 6, busy: busyFor(90_000) });
    await job.work;
    expect(job.pauses).toEqual([90_000, 90_000, 90_000, 90_000, 90_000, 128_000]);
    const late = sending({ isByRule: true }, { away: 1, busy: busyFor(1e9) });
    await late.work;
    expect(late.pauses).toEqual([3_600_000]);
  });

  test('a node that takes some of it each time and asks for a pause gets all of it', async () => {
    let [left, taken] = [2, 0];
    const fateOf = (): StoreOutcome['outcome'] => (left-- > 0 && ++taken ? 'sent' : 'failed');
    const why = { isUntried: true, waitMs: 61_000, reason: 'Not sent: PACS is busy.' } as const;
    const uids = Array.from({ length: 12 }, (_, at) => `1.2.${at}`);
    const job = sending({ uids }, { fateOf, why, onPause: () => void (left = 2) });
    await job.work;
    expect([taken, job.tries(), new Set(job.pauses)]).toEqual([12, 6, new Set([61_000])]);
    expect(job.notes[0]).toBe('Not sent: PACS is busy. PACS is tried again in 2 minutes.');
  });

  test('what was taken with a warning is told with what it means, and is not called safe to delete', async () => {
    const fateOf = (uid: string): StoreOutcome['outcome'] => (uid === '1.2.2' ? 'warning' : 'sent');
    const why = { status: 0xb006 };
    const warned =
      '1 instance was taken by PACS with a warning (status 0xB006, data elements were discarded): see the report.';
    const plain = sending({}, { fateOf, why });
    await plain.work;
    expect(plain.notes).toEqual([warned]);
    const committed = sending({ commit: true }, { fateOf, why, isSure: true });
    await committed.work;
    expect(committed.notes.at(-1)).toBe(`PACS answers for all 3 instances. ${warned}`);
    const partly = sending(
      { commit: true },
      { fateOf: (uid) => (uid === '1.2.1' ? 'refused' : fateOf(uid)), why, isSure: true },
    );
    await expect(partly.work).rejects.toThrow(`It answers for the other 2. ${warned}`);
    const before = { '1.2.1': 'sent-with-warning', '1.2.2': 'sent-uncompressed', '1.2.3': undefined };
    const restarted = sending({ commit: true }, { before, isSure: true });
    await restarted.work;
    expect(restarted.notes.at(-1)).toBe(
      'PACS answers for all 3 instances. 1 instance was not sent as stored, since PACS does not take that: see the report. 1 instance was taken by PACS with a warning: see the report.',
    );
    const asStored = sending({ commit: true }, { isSure: true, before: { '1.2.3': undefined } });
    await asStored.work;
    expect(asStored.notes.at(-1)).toBe('PACS answers for all 3 instances: safe to delete here.');
  });

  test('what is cut here is told as it is sent, and is not called safe to delete', async () => {
    const plain = sending({}, { cut: ['1.2.2', '1.2.3'], fateOf: (uid) => (uid === '1.2.3' ? 'refused' : 'sent') });
    const words = '1 instance is cut here, without its end: what PACS got of it is not whole.';
    await expect(plain.work).rejects.toThrow(`1 of 3 instances were not taken by PACS: see the report. ${words}`);
    expect(plain.items).toContain('1.2.2 sent-cut');
    const committed = sending({ commit: true }, { cut: ['1.2.1', '1.2.2'], isSure: true });
    await committed.work;
    expect(committed.notes.at(-1)).toBe(
      'PACS answers for all 3 instances. 2 instances are cut here, without their end: what PACS got of them is not whole.',
    );
    const restarted = sending({ commit: true }, { before: { '1.2.1': 'sent-cut' }, isSure: true });
    await restarted.work;
    expect(restarted.notes.at(-1)).toBe(`PACS answers for all 3 instances. ${words}`);
  });

  test('of a study that is not whole here that is said, and nothing is called safe to delete', async () => {
    const job = sending({ commit: true }, { lost: 2, isSure: true });
    await job.work;
    expect(job.notes.at(-1)).toBe(
      'PACS answers for all 3 instances. What PACS got is not whole: 2 instances stored here before are lost: retrieve or import the study again.',
    );
  });

  test('what was looked up while the index was being made anew may be a part, and is not said to be safe', async () => {
    const job = sending({ commit: true }, { isUnlisted: true, isSure: true });
    await job.work;
    expect(job.notes.at(-1)).toBe(
      `PACS answers for all 3 instances. What PACS got may not be whole. ${NOT_ALL_LISTED}`,
    );
  });

  test('what a rule sends is tried until the node is back, what a person sends a few times', async () => {
    const byRule = sending({ isByRule: true }, { away: 9 });
    await byRule.work;
    expect([byRule.tries(), byRule.asides()]).toEqual([10, 9]);
    expect(byRule.notes.slice(-2)).toEqual(['Nothing listens there. PACS is tried again in 10 minutes.', null]);
    const byHand = sending({}, { away: 9 });
    await expect(byHand.work).rejects.toThrow('Nothing listens there.');
    expect(byHand.tries()).toBe(4);
  });

  test.each([{ absent: 1 }, { away: 1 }, { fateOf: () => 'failed' as const }])(
    'what was removed while a rule waited (%o) is not tried on: it ends, and says so',
    async (why) => {
      const job = sending(
        { isByRule: true },
        { ...why, removed: (look) => (look > 1 ? ['1.2.1', '1.2.2', '1.2.3'] : []) },
      );
      await job.work;
      expect(job.tries()).toBe('absent' in why ? 0 : 1);
      expect(job.notes.at(-1)).toBe('3 instances were removed here before they could be sent.');
      expect(job.items).toEqual([]);
    },
  );

  test('of what a rule waits to send, the rest is sent where some was removed', async () => {
    const job = sending({ isByRule: true }, { away: 1, removed: (look) => (look > 1 ? ['1.2.2'] : []) });
    await job.work;
    expect(job.items).toEqual(['1.2.1 sent', '1.2.3 sent']);
    expect(job.notes.at(-1)).toBe('1 instance was removed here before it could be sent.');
  });

  test('what was not taken is listed, and does not count as done', async () => {
    const job = sending(
      {},
      { before: { '1.2.1': undefined }, fateOf: (uid) => (uid === '1.2.2' ? 'refused' : 'failed') },
    );
    await expect(job.work).rejects.toThrow('2 of 3 instances were not taken by PACS: see the report.');
    expect(job.items).toEqual(['1.2.2 not-sent', '1.2.3 not-sent']);
    expect(job.done()).toBe(1);
  });

  test.each([
    [{}, 2],
    [{ away: 9 }, 10],
    [{ fateOf: (uid: string) => (uid === '1.2.1' ? ('refused' as const) : ('sent' as const)) }, 2],
  ])('what comes to a job while it sends is sent too (%o)', async (node, tries) => {
    const job = sending({ isByRule: true }, { ...node, moreAt: 1 });
    await job.work.catch(() => undefined);
    expect(job.items).toContain('1.2.4 sent');
    expect(job.tries()).toBe(tries);
  });

  test('one is counted as one', async () => {
    let tries = 0;
    const fateOf = (uid: string): StoreOutcome['outcome'] => (uid === '1.2.1' && ++tries < 5 ? 'failed' : 'sent');
    const job = sending({ isByRule: true }, { fateOf, why: { isUntried: true } });
    await job.work;
    expect(job.notes[6]).toBe('1 instance was not taken; it is tried again. PACS is tried again in 1 minute.');
  });

  test('what a rule sends to a node that is not set up waits, asking nobody, and is sent once it is', async () => {
    const job = sending({ isByRule: true }, { absent: 9 });
    await job.work;
    expect([job.tries(), job.asides()]).toEqual([1, 9]);
    expect(job.notes.slice(0, 2)).toEqual([
      'There is no node PACS: this is sent once it is set up, or can be cancelled.',
      null,
    ]);
  });
});
