// Bringing a study whole, with a node made here: shared out among connections, what is missing asked for again and named.
import { describe, expect, test } from 'vitest';
import { HttpRefusal } from '#backend/sources/dicomweb/http-client.ts';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { nodeWith, SERIES, STUDY } from './testing/scripted-node.ts';

describe('retrieveWhole', () => {
  test('what a try that was not the last one was told is no remark on a study that came whole', async () => {
    let asked = 0;
    const unable = ['c'];
    const node = nodeWith({
      unable,
      warnings: ['It ended with 0xB000.'],
      before: () => void (++asked === 2 && unable.pop()),
    });
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
    const partly = nodeWith({ unable: ['c'], warnings: ['It ended with 0xB000.', 'It ended with 0xA702.'] });
    expect(await partly.run(1, 1)).toMatchObject({ received: 5, warnings: ['It ended with 0xA702.'] });
  });

  test('instances of another study are kept, but count for nothing, and are named', async () => {
    const studyOf = (uid: string): string => (uid === 'e' || uid === 'f' ? '1.9' : STUDY);
    const partly = nodeWith({ isMute: true, studyOf });
    const result = await partly.run(1);
    const words = '2 instances of another study (1.9) came from PACS, though nobody asked for them: they are kept.';
    expect(result).toMatchObject({ expected: 6, received: 4, warnings: [words] });
    expect(partly.told.at(-1)).toMatchObject({ expected: 6, received: 4 });
    expect([partly.unasked, partly.here.size]).toEqual([['2 of 1.9'], 6]);
    const nothingElse = nodeWith({ isMute: true, saysNothing: true, studyOf: () => '1.9' });
    await expect(nothingElse.run(1)).rejects.toThrow(
      'PACS gives nothing of the study 1.2. 6 instances of another study (1.9) came from PACS',
    );
    expect(nothingElse.unasked).toEqual(['6 of 1.9']);
  });

  test('before each further try it says why, and what cannot be done by trying again is not tried again', async () => {
    const down = nodeWith({
      before: () => {
        throw new LecternError('peer-unreachable', 'Nothing listens there.');
      },
    });
    await expect(down.run(1, 2)).rejects.toThrow('Nothing listens there.');
    expect(down.pauses).toEqual(['1000 Nothing listens there.', '2000 Nothing listens there.']);
    const partly = nodeWith({ unable: ['c'] });
    await partly.run(1, 1);
    expect(partly.pauses).toEqual(['1000 PACS gave 5 of 6 instances so far.']);
    const breaking = nodeWith({ breaks: 1 });
    await breaking.run(1, 1);
    expect(breaking.pauses).toEqual(['1000 Cut.']);
  });

  test('one connection asks for the study, several share its series and count together', async () => {
    const alone = nodeWith({});
    expect(await alone.run(1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(alone.asked).toEqual([{ studyUid: STUDY, patientId: 'P-1' }]);
    const shared = nodeWith({});
    expect(await shared.run(2)).toMatchObject({ expected: 6, received: 6, failed: [], bytes: 6 });
    expect(shared.asked.map(({ seriesUids }) => seriesUids)).toEqual([['1.2.1'], ['1.2.2', '1.2.3']]);
    expect(shared.told.at(-1)).toMatchObject({ expected: 6, received: 6 });
  });

  test('a node that asks to be left alone is, also before one connection asks once more', async () => {
    let calls = 0;
    const node = nodeWith({
      before: () => {
        if (++calls <= 2) throw new HttpRefusal('peer-unreachable', 'Busy.', 503, calls * 70_000);
      },
    });
    expect(await node.run(2)).toMatchObject({ expected: 6, received: 6 });
    expect(node.pauses).toEqual(['140000 Busy.']);
  });

  test('they fetch at the same time, and no more than so many', async () => {
    let open = 0;
    let most = 0;
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => (meet = resolve));
    const node = nodeWith({
      before: async () => {
        most = Math.max(most, ++open);
        if (open === 2) meet();
        await met;
        open--;
      },
    });
    await node.run(2);
    expect(most).toBe(2);
  });

  test('what is cut here is asked for, and takes no place among what is whole', async () => {
    const all = Object.values(SERIES).flat();
    const node = nodeWith({ held: all, heldCut: ['b'] });
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [], cut: [] });
    expect(node.asked.map(({ sopInstanceUids }) => sopInstanceUids)).toEqual([['b']]);
  });

  test.each([false, true])(
    'what is just as cut at the node is told, and not asked for again (it lists no instances: %s)',
    async (listsNoInstances) => {
      const all = Object.values(SERIES).flat();
      const node = nodeWith({ held: all, heldCut: ['b'], cuts: { b: 9 }, listsNoInstances });
      const cut = [{ sopInstanceUid: 'b', reason: 'It is cut there as it is here.' }];
      expect(await node.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], cut, warnings: [] });
      expect([node.asked.length, node.pauses]).toEqual([1, []]);
    },
  );

  test('what comes cut is asked for again; where it stays so it is here, and named', async () => {
    const once = nodeWith({ cuts: { b: 1 } });
    expect(await once.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], cut: [] });
    expect(once.pauses).toEqual(['1000 PACS gave 5 of 6 instances so far.']);
    expect(once.asked.at(-1)?.sopInstanceUids).toEqual(['b']);
    const cut = [{ sopInstanceUid: 'b', reason: 'It ends inside the pixel data.' }];
    for (const isMute of [false, true]) {
      const node = nodeWith({ cuts: { b: 9 }, isMute });
      expect(await node.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], cut, warnings: [] });
      expect(node.asked).toHaveLength(isMute ? 1 : 2);
    }
    const alone = nodeWith({ cuts: { b: 9 }, unable: ['f'] });
    expect(await alone.run(1)).toMatchObject({ received: 5, failed: [{ sopInstanceUid: 'f' }], cut });
  });

  test('what names another patient than the study is here, and named', async () => {
    const node = nodeWith({ ofOtherPatient: ['b', 'e'] });
    const reason = 'It names another patient.';
    const ofOtherPatient = ['b', 'e'].map((sopInstanceUid) => ({ sopInstanceUid, reason }));
    expect(await node.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], cut: [], ofOtherPatient });
    expect(node.pauses).toEqual([]);
  });

  test('what comes with other content than a cut one here is asked for once, and told as that', async () => {
    const all = Object.values(SERIES).flat();
    const reason = 'It is kept in quarantine and can take its place.';
    const node = nodeWith({
      held: all,
      heldCut: ['b'],
      refuses: (sopInstanceUid) => ({
        outcome: 'conflict',
        code: 'conflict',
        sopInstanceUid,
        studyUid: STUDY,
        reason,
        sizeBytes: 1,
      }),
    });
    const failed = [{ sopInstanceUid: 'b', reason }];
    expect(await node.run(1, 8)).toMatchObject({ expected: 6, received: 5, failed, cut: [], warnings: [] });
    expect([node.asked.length, node.pauses]).toEqual([1, []]);
  });

  test('what does not come is named one by one, even where the node only counts', async () => {
    const node = nodeWith({ unable: ['b', 'f'] });
    const result = await node.run(2);
    expect(result).toMatchObject({ expected: 6, received: 4 });
    expect(result.failed).toEqual([
      { sopInstanceUid: 'b', reason: 'It did not come.' },
      { sopInstanceUid: 'f', reason: 'It did not come.' },
    ]);
  });

  test('a node that allows one connection: the other one takes over its series', async () => {
    let open = 0;
    let release: () => void = () => undefined;
    const refused = new Promise<void>((resolve) => (release = resolve));
    const node = nodeWith({
      before: async () => {
        if (open > 0) {
          release();
          throw new LecternError('peer-rejected', 'No more associations.');
        }
        open++;
        await refused;
        open--;
      },
    });
    expect(await node.run(2)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
    expect(node.asked.map(({ seriesUids }) => seriesUids)).toEqual([['1.2.1'], ['1.2.2', '1.2.3'], ['1.2.2', '1.2.3']]);
  });

  test('cut and cut again, only what is missing is asked for by the next try', async () => {
    let breaks = 3;
    const node = nodeWith({
      before: ({ seriesUids }) => {
        if (seriesUids?.includes('1.2.1') && breaks-- > 0) throw new LecternError('peer-closed', 'Cut.');
      },
    });
    expect(await node.run(2, 1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(node.asked.at(-1)).toEqual({
      studyUid: STUDY,
      patientId: 'P-1',
      seriesUid: '1.2.1',
      sopInstanceUids: ['a', 'b', 'c'],
    });
  });

  test.each([true, false])(
    'a list that the node cuts is no list of all, whether it says so or not (%s)',
    async (saysCut) => {
      const node = nodeWith({ held: ['a'], mostRows: 1, saysCut });
      // What is listed are the first series and the first instance of it. Series that are not listed nobody can know of.
      const result = await node.run(2, 1);
      expect([...node.here].sort()).toEqual(saysCut ? ['a', 'b', 'c', 'd', 'e', 'f'] : ['a', 'b', 'c']);
      expect(result.warnings).toEqual(
        saysCut ? ['PACS does not list all that it has: compare the study with it.'] : [],
      );
    },
  );

  test('a series of which more is here than the node lists is asked for as a whole', async () => {
    const node = nodeWith({ held: ['b', 'c', 'd', 'e', 'f'], mostRows: 3, counts: { '1.2.1': 3 }, unable: [] });
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    const short = nodeWith({ held: ['a', 'b', 'd', 'e', 'f'], mostRows: 2 });
    // The third series is not listed at all; of the first, two of three.
    expect(await short.run(1, 1)).toMatchObject({ expected: 4, received: 4, failed: [] });
    expect(short.asked).toEqual([{ studyUid: STUDY, patientId: 'P-1', seriesUid: '1.2.1' }]);
  });

  test('a count that is out of date is no reason to ask again, once the whole was given', async () => {
    const node = nodeWith({ counts: { '1.2.1': 4 } });
    expect(await node.run(1, 2)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(node.asked).toHaveLength(1);
    const fewer = nodeWith({ counts: { '1.2.1': 1 } });
    expect(await fewer.run(1, 2)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(fewer.told.at(-1)).toMatchObject({ expected: 6, received: 6 });
  });

  test('a list that counts what no list names is asked for again, and nothing of the study is', async () => {
    const once = nodeWith({ misnames: (list) => list === 2 });
    expect(await once.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
    expect(once.pauses).toEqual(['1000 PACS counts 6 instances that it does not list.']);
    expect(once.asked).toHaveLength(1);
  });

  test('where the lists contradict each other to the end, what is here is told, and what they say beyond it', async () => {
    const node = nodeWith({ misnames: (list) => list > 1 });
    expect(await node.run(1, 8)).toMatchObject({
      expected: 12,
      received: 6,
      failed: [],
      warnings: ['PACS contradicts itself: it counts 6 instances that it neither lists nor gives.'],
    });
    expect([node.pauses.length, node.asked.length]).toEqual([3, 1]);
  });

  test('a node that counts failures and names none, though all came as its lists say, contradicts itself', async () => {
    const node = nodeWith({ falselyFailed: 6, warnings: ['It ended with 0xB000.'] });
    const words =
      'PACS contradicts itself: it counts 6 that it could not send and names none, but all that it lists is here.';
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [words] });
    expect(node.asked).toHaveLength(1);
    // What no list of instances shows to be here may well have failed.
    for (const lists of [{ listsNoInstances: true }, { isMute: true }]) {
      const { failed } = await nodeWith({ falselyFailed: 2, ...lists }).run(1);
      expect(failed).toHaveLength(2);
    }
  });

  test('as many instances of another node are not the instances of this one', async () => {
    const others = { '1.2.1': ['x', 'y', 'z'] };
    const node = nodeWith({ held: ['x', 'y', 'z', 'd', 'e', 'f'], others });
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(node.asked).toEqual([
      { studyUid: STUDY, patientId: 'P-1', seriesUid: '1.2.1', sopInstanceUids: ['a', 'b', 'c'] },
    ]);
  });

  test.each([false, true])(
    'what breaks off each time is no whole, and counts once (it takes no queries: %s)',
    async (isMute) => {
      const node = nodeWith({ breaksAfter: 1, isMute, listsNoInstances: true, saysNothing: isMute });
      const result = await node.run(1, 1);
      expect(result).toMatchObject({
        expected: isMute ? null : 6,
        received: node.here.size,
        bytes: node.here.size,
        warnings: ['It aborted.'],
      });
      expect(result.failed).toHaveLength(isMute ? 1 : 0);
      expect(node.told.at(-1)?.received).toBe(node.here.size);
      expect(node.here.size).toBe(isMute ? 1 : 3);
    },
  );

  test('a series at which the node breaks down keeps none of the others back', async () => {
    const node = nodeWith({
      held: ['c'],
      before: ({ seriesUid }) => {
        if (seriesUid === '1.2.1') throw new LecternError('peer-aborted', 'It broke down.');
      },
    });
    expect(await node.run(1)).toMatchObject({ expected: 6, received: 4, warnings: ['It broke down.'] });
    expect([...node.here].sort()).toEqual(['c', 'd', 'e', 'f']);
  });

  test('rows of other studies, and rows that come twice, do not count', async () => {
    const node = nodeWith({ foreign: true, unable: ['f'] });
    expect(await node.run(1)).toMatchObject({ expected: 6, received: 5, failed: [{ sopInstanceUid: 'f' }] });
  });

  test('a node without lists that gives nothing does not have the study', async () => {
    const all = Object.values(SERIES).flat();
    await expect(nodeWith({ isMute: true, unable: all, isSilent: true }).run(1)).rejects.toMatchObject({
      code: 'not-found',
      message: 'PACS gives nothing of the study 1.2.',
    });
    expect(await nodeWith({ isMute: true }).run(1)).toMatchObject({ expected: 6, received: 6 });
  });

  test.each([1, 2])(
    'a full disk of ours ends it at once, and is no fault of the node (connections: %d)',
    async (width) => {
      let taken = 0;
      const node = nodeWith({
        refuses: () => {
          if (++taken > 2) throw new LecternError('disk-full', 'The disk is full.');
          return undefined;
        },
      });
      const result = await node.run(width, 4);
      expect(result).toMatchObject({ expected: 6, received: 2, bytes: 2, failed: [], warnings: [] });
      expect(result.stopped?.message).toBe('The disk is full.');
      expect(node.asked).toHaveLength(width);
      expect(taken).toBeLessThanOrEqual(2 + width);
    },
  );

  test('why an instance was not taken in is said also where the connection broke off after it', async () => {
    const node = nodeWith({
      breaksAfter: 2,
      held: ['c', 'd', 'e', 'f'],
      before: ({ sopInstanceUids }) => {
        if (sopInstanceUids?.length === 1) throw new LecternError('peer-closed', 'Cut.');
      },
      refuses: (uid) =>
        uid === 'b'
          ? { outcome: 'refused', sopInstanceUid: 'b', reason: 'Its pixels are cut.', sizeBytes: 1 }
          : undefined,
    });
    const result = await node.run(1, 1);
    expect(result.failed).toEqual([{ sopInstanceUid: 'b', reason: 'Its pixels are cut.' }]);
  });

  test('what came and is no instance is told for those that did not come', async () => {
    const node = nodeWith({
      held: ['b', 'c', 'd', 'e', 'f'],
      refuses: () => ({ outcome: 'refused', reason: 'This is no DICOM file.', sizeBytes: 1 }),
    });
    const reason = 'It did not come, but something that names no instance: This is no DICOM file.';
    expect((await node.run(1)).failed).toEqual([{ sopInstanceUid: 'a', reason }]);
  });

  test('a connection that breaks while lists are compared is no node without lists', async () => {
    const node = nodeWith({ breaks: 1, unable: ['f'], isSilent: true });
    expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 5, failed: [{ sopInstanceUid: 'f' }] });
    const gone = nodeWith({ breaks: 9, unable: ['f'], isSilent: true, saysNothing: true });
    expect(await gone.run(1)).toMatchObject({ expected: 6, received: 5, warnings: ['Cut.'] });
  });

  test.each<ErrorCode>(['peer-failed', 'peer-credentials'])(
    'a node that gave a list before is asked for it again after %s',
    async (breakCode) => {
      const node = nodeWith({ breaks: 1, breakCode });
      expect(await node.run(1, 1)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
      expect(node.pauses).toEqual(['1000 Cut.']);
    },
  );

  test('credentials that were good are tried again a few times; those of a node that answered nothing are not', async () => {
    const refusing = (times: number, isMute: boolean): ReturnType<typeof nodeWith> => {
      let left = times;
      return nodeWith({
        isMute,
        before: () => {
          if (left-- > 0) throw new LecternError('peer-credentials', 'Refused.');
        },
      });
    };
    const shortly = refusing(3, false);
    expect(await shortly.run(1, 8)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
    expect(shortly.pauses).toEqual(['1000 Refused.', '2000 Refused.', '4000 Refused.']);
    await expect(refusing(4, false).run(1, 8)).rejects.toThrow('Refused.');
    const never = refusing(1, true);
    await expect(never.run(1, 8)).rejects.toThrow('Refused.');
    expect(never.pauses).toEqual([]);
  });
});
