// C-FIND as user, over real sockets: keys, character sets, cancelling, limits, and what is said about a list.
import { afterEach, describe, expect, test } from 'vitest';
import { encodeText } from '#shared/dicom/encode-text.ts';
import { binary, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { type QueryAnswer, type QueryRequest } from '../../source.ts';
import { type Association, type IncomingRequest } from '../association.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';
import { COMMAND } from '../message/command-set.ts';
import { type PeerScript } from '../testing/scripted-peer.ts';
import { endAll, nothing, peerWith, signal, sourceAt } from '../testing/session.ts';
import { IMPLICIT } from '../testing/wire.ts';

afterEach(endAll);

const rows = async (answers: AsyncIterable<QueryAnswer>): Promise<QueryAnswer[]> => {
  const all: QueryAnswer[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
};
const identifier = (dataset: Dataset, transferSyntaxUid: string): Buffer =>
  Buffer.from(writeFile(dataset, { transferSyntaxUid, hasPreamble: false, hasMeta: false }));
const match = async (
  association: Association,
  request: IncomingRequest,
  dataset: Dataset,
  status = 0xff00,
): Promise<void> => {
  const { messageId = 0, affectedSopClassUid = '' } = request.command;
  const command = { commandField: COMMAND.findRsp, messageIdBeingRespondedTo: messageId, affectedSopClassUid, status };
  await association.send(request.contextId, command, identifier(dataset, request.context.transferSyntaxUid));
};
const STUDIES: QueryRequest = { level: 'study', keys: [], include: [] };

describe('queries', () => {
  test.each([[Buffer.from([1, 2, 3, 4, 5])], [Buffer.alloc(0)]])(
    'a row of no attributes is no match (%o)',
    async (bytes) => {
      const peer = await peerWith({
        onRequest: async (request, association) => {
          const { messageId = 0, affectedSopClassUid = '' } = request.command;
          const pending = { messageIdBeingRespondedTo: messageId, affectedSopClassUid, status: 0xff00 };
          await association.send(request.contextId, { commandField: COMMAND.findRsp, ...pending }, bytes);
          await association.respond(request, { status: 0 });
        },
      });
      expect(await rows(sourceAt(peer.port).query(STUDIES, signal))).toMatchObject([
        { kind: 'notice', code: 'match-unreadable' },
      ]);
    },
  );

  test('rows that cannot be read are told once, with their number and what names them', async () => {
    const peer = await peerWith({
      onRequest: async (request, association) => {
        const { messageId = 0, affectedSopClassUid = '' } = request.command;
        const pending = { messageIdBeingRespondedTo: messageId, affectedSopClassUid, status: 0xff00 };
        for (let at = 1; at <= 6; at++) {
          const row = { '00100010': text('PN', 'Doe^Jane'), '0020000D': text('UI', `1.2.${at}`) };
          const bytes = identifier({ ...row, '00201208': text('IS', '12') }, request.context.transferSyntaxUid);
          const sent = at === 2 ? bytes : bytes.subarray(0, at === 6 ? 5 : -1);
          await association.send(request.contextId, { commandField: COMMAND.findRsp, ...pending }, sent);
        }
        await association.respond(request, { status: 0 });
      },
    });
    const [match, notice, ...others] = await rows(sourceAt(peer.port).query(STUDIES, signal));
    expect([match?.kind, others]).toEqual(['match', []]);
    expect(notice).toMatchObject({
      code: 'match-unreadable',
      reason: expect.stringMatching(/^5 matches cannot be read \(1\.2\.1, 1\.2\.3, 1\.2\.4, others\): .+\.$/) as string,
    });
    expect((await rows(sourceAt(peer.port).query({ ...STUDIES, limit: 4 }, signal))).slice(1)).toMatchObject([
      { code: 'cut' },
      { reason: expect.stringMatching(/^3 matches cannot be read \(1\.2\.1, 1\.2\.3, 1\.2\.4\): /) as string },
    ]);
  });

  test('keys, level and character set as asked; matches decoded in theirs', async () => {
    const asked: unknown[] = [];
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        const read = readIdentifier(dataset ?? Buffer.alloc(0), request.context.transferSyntaxUid);
        asked.push(read.ok ? read.value.dataset : read.error);
        await match(association, request, {
          '00080005': text('CS', 'ISO_IR 192'),
          '00100010': text('PN', 'Müller^Jörg'),
        });
        await match(association, request, { '00080005': text('CS', 'ISO_IR 192'), '00100010': text('PN', 'Ελένη^Π') });
        await association.respond(request, { status: 0 });
      },
    });
    const request: QueryRequest = {
      level: 'worklist',
      keys: [
        { path: ['00100010'], vr: 'PN', value: 'mü*' },
        { path: ['00400100', '00080060'], vr: 'CS', value: 'CT' },
        { path: ['00400100', '00400002'], vr: 'DA', value: '20261125-' },
      ],
      include: ['00400100.00400007', '00321060'],
    };
    const answers = await rows(sourceAt(peer.port, { charset: 'ISO_IR 100' }).query(request, signal));
    expect(answers.map((answer) => (answer.kind === 'match' ? answer.dataset['00100010']?.Value : answer))).toEqual([
      [{ Alphabetic: 'Müller^Jörg' }],
      [{ Alphabetic: 'Ελένη^Π' }],
    ]);
    expect(asked).toMatchObject([
      {
        '00080005': { vr: 'CS', Value: ['ISO_IR 100'] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'mü*' }] },
        '00321060': { vr: 'LO' },
        '00400100': {
          vr: 'SQ',
          Value: [
            {
              '00080060': { vr: 'CS', Value: ['CT'] },
              '00400002': { vr: 'DA', Value: ['20261125-'] },
              '00400007': { vr: 'LO' },
            },
          ],
        },
      },
    ]);
    expect(peer.requests[0]?.contexts[0]?.abstractSyntaxUid).toBe('1.2.840.10008.5.1.4.31');
  });

  test('a character that the node has no place for is said before anybody is called', async () => {
    const peer = await peerWith({ onRequest: nothing });
    const request = { ...STUDIES, keys: [{ path: ['00100010'], vr: 'PN', value: '王*' }] };
    await expect(rows(sourceAt(peer.port, { charset: 'ISO_IR 100' }).query(request, signal))).rejects.toThrow(
      '王 cannot be written in ISO_IR 100',
    );
    expect(peer.requests).toHaveLength(0);
  });

  /** Makes a match large enough that the system's own socket buffers do not hold many. */
  const FILLING = 'x'.repeat(4000);
  /** Sends matches until it is cancelled. */
  function endless(seen: { cancelled: boolean; sent: number }): PeerScript {
    return {
      onRequest: async (request, association) => {
        if (request.command.commandField === COMMAND.cancelRq) {
          seen.cancelled = true;
          return;
        }
        while (!seen.cancelled && association.isOpen && seen.sent < 20_000) {
          seen.sent++;
          await match(association, request, {
            '0020000D': text('UI', `1.2.${seen.sent}`),
            '00104000': text('LT', FILLING),
          });
          await new Promise((resolve) => setImmediate(resolve));
        }
        await association.respond(request, { status: 0xfe00 });
      },
    };
  }

  test('a limit cuts the list visibly, and cancels at the peer', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    const answers = await rows(sourceAt(peer.port).query({ ...STUDIES, limit: 3 }, signal));
    expect(answers.map(({ kind }) => kind)).toEqual(['match', 'match', 'match', 'notice']);
    expect(answers[3]).toMatchObject({ code: 'cut' });
    expect(seen.cancelled).toBe(true);
  });

  test('leaving early cancels; so does the signal, with its reason', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    for await (const answer of sourceAt(peer.port).query(STUDIES, signal)) if (answer.kind === 'match') break;
    expect(seen.cancelled).toBe(true);
    const again = { cancelled: false, sent: 0 };
    const other = await peerWith(endless(again));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const answer of sourceAt(other.port).query(STUDIES, controller.signal))
        if (answer.kind === 'match') controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(again.cancelled).toBe(true);
  });

  test('a slow reader holds the peer', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    const iterator = sourceAt(peer.port).query(STUDIES, signal)[Symbol.asyncIterator]();
    await iterator.next();
    for (let last = -1; last !== seen.sent;) {
      last = seen.sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(seen.sent).toBeGreaterThan(200);
    expect(seen.sent).toBeLessThan(10_000);
    await iterator.return?.();
    expect(seen.cancelled).toBe(true);
  });

  test.each([
    [0xa700, 'out of resources'],
    [0xc001, 'unable to process'],
    [0x0122, 'SOP class not supported'],
  ])('failure %i is thrown in words', async (status, words) => {
    const peer = await peerWith({
      onRequest: (request, association) => association.respond(request, { status, errorComment: 'database down' }),
    });
    await expect(rows(sourceAt(peer.port).query(STUDIES, signal))).rejects.toThrow(words);
    await expect(rows(sourceAt(peer.port).query(STUDIES, signal))).rejects.toThrow('database down');
  });

  test('a list that the node ends at a limit of its own says so, and nothing of a cancel', async () => {
    const peer = await peerWith({
      onRequest: async (request, association) => {
        await match(association, request, { '0020000D': text('UI', '1.2.3') });
        await association.respond(request, { status: 0xfe00 });
      },
    });
    expect((await rows(sourceAt(peer.port).query({ ...STUDIES, limit: 1 }, signal))).at(-1)).toEqual({
      kind: 'notice',
      code: 'cut-by-peer',
      reason: 'The other system ended the list after 1 matches, by a limit of its own: there may be more.',
    });
  });

  test('unsupported keys and an early end are notices', async () => {
    const peer = await peerWith({
      onRequest: async (request, association) => {
        await match(association, request, { '0020000D': text('UI', '1.2.3') }, 0xff01);
        await association.respond(request, { status: 0xb000 });
      },
    });
    const answers = await rows(sourceAt(peer.port).query(STUDIES, signal));
    expect(answers.map((answer) => (answer.kind === 'notice' ? answer.code : answer.kind))).toEqual([
      'keys-unsupported',
      'match',
      'cut-by-peer',
    ]);
  });

  test.each([
    ['ISO_IR 144', 'ISO_IR 144', 'Люксембург', undefined],
    ['ISO_IR 126', 'ISO_IR 126', 'Διονυσιος', ''],
    ['\\ISO 2022 IR 87', '\\ISO 2022 IR 87', 'Yamada^Tarou=山田^太郎', undefined],
    ['GB18030', 'GB18030', 'Wang^XiaoDong=王^小东', undefined],
    ['ISO_IR 100', 'ISO_IR 192', 'Müller^Jörg', undefined],
    ['ISO_IR 100', 'ISO_IR 100', 'Müller^Jörg', ''],
  ])(
    'an answer that states no character set is read in that of the node: %s, written in %s',
    async (charset, written, name, stated) => {
      const bytes = encodeText(name, written.split('\\'));
      if (!bytes.ok) throw new Error('not to be written');
      const peer = await peerWith({
        onRequest: async (request, association) => {
          await match(association, request, {
            ...(stated !== undefined && { '00080005': text('CS', stated) }),
            '00100010': binary('PN', bytes.value),
          });
          await association.respond(request, { status: 0 });
        },
      });
      const [answer] = await rows(sourceAt(peer.port, { charset }).query(STUDIES, signal));
      const [Alphabetic, Ideographic] = name.split('=');
      expect(answer?.kind === 'match' ? answer.dataset['00100010']?.Value : answer).toEqual([
        { Alphabetic, ...(Ideographic !== undefined && { Ideographic }) },
      ]);
    },
  );

  test.each([
    ['Wang^XiaoDong=王^小东', 'GB18030', undefined, undefined, 'Latin-1'],
    ['Wang^XiaoDong=王^小东', 'ISO_IR 192', undefined, '', 'UTF-8'],
    ['Yamada^Tarou=山田^太郎', '\\ISO 2022 IR 87', undefined, undefined, 'ASCII with escape sequences'],
    ['Müller^Jörg', 'ISO_IR 100', undefined, 'ISO_IR 100', undefined],
    ['Muller^Jorg', 'ISO_IR 100', undefined, undefined, undefined],
    ['Wang^XiaoDong=王^小东', 'GB18030', 'GB18030', undefined, undefined],
  ])(
    '%s in %s, from a node of %s that states %s: what was guessed is said once',
    async (name, written, charset, stated, guess) => {
      const bytes = encodeText(name, written.split('\\'));
      if (!bytes.ok) throw new Error('not to be written');
      const peer = await peerWith({
        onRequest: async (request, association) => {
          const named: Dataset = {
            ...(stated !== undefined && { '00080005': text('CS', stated) }),
            '00100010': binary('PN', bytes.value),
          };
          for (let i = 0; i < 2; i++) await match(association, request, named);
          await association.respond(request, { status: 0 });
        },
      });
      const reason = `Text beyond ASCII came without its character set. It was read as ${guess}, which is a guess: where names are wrong, set the node's character set (--charset).`;
      for (const limit of [undefined, 1]) {
        const request = { ...STUDIES, ...(limit !== undefined && { limit }) };
        const answers = await rows(
          sourceAt(peer.port, { ...(charset !== undefined && { charset }) }).query(request, signal),
        );
        expect(answers.filter((answer) => answer.kind === 'notice' && answer.code !== 'cut')).toEqual(
          guess === undefined ? [] : [{ kind: 'notice', code: 'charset-guessed', reason }],
        );
      }
    },
  );

  test('in the patient root the series are asked for with the patient of the study, not of another that is listed too', async () => {
    const asked: (string | undefined)[] = [];
    const study = (uid: string, patientId: string): Dataset => ({
      '00100020': text('LO', patientId),
      '0020000D': text('UI', uid),
    });
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        const read = readIdentifier(dataset ?? Buffer.alloc(0), request.context.transferSyntaxUid);
        asked.push(read.ok ? String(read.value.dataset['00100020']?.Value?.[0] ?? '') : undefined);
        if (asked.length === 1) {
          await match(association, request, study('1.2.8', 'SOMEBODY'));
          await match(association, request, study('1.2.9', 'RIGHT'));
        }
        await association.respond(request, { status: 0 });
      },
    });
    const keys = [{ path: ['0020000D'], vr: 'UI', value: '1.2.9' }];
    await rows(sourceAt(peer.port, { root: 'patient' }).query({ level: 'series', keys, include: [] }, signal));
    expect(asked).toEqual(['', 'RIGHT']);
  });

  test('C-FIND cannot go on in the middle, and does not pretend to', async () => {
    await expect(rows(sourceAt(1).query({ ...STUDIES, offset: 3 }, signal))).rejects.toThrow('cannot go on');
  });

  test('a service that is not offered is named', async () => {
    const peer = await peerWith({
      onRequest: nothing,
      answer: ({ id }) => ({ id, result: 3, transferSyntaxUid: IMPLICIT }),
    });
    await expect(rows(sourceAt(peer.port).query({ ...STUDIES, level: 'worklist' }, signal))).rejects.toMatchObject({
      code: 'peer-without',
      message: expect.stringContaining('does not offer the modality worklist') as string,
    });
  });
});
