// C-FIND as SCU (PS3.4 C.4.1, K.4; PS3.7 9.1.2): matches as they come, cancelled when nobody reads on.
import { LecternError } from '#shared/contract/errors.ts';
import type { QueryAnswer, QueryRequest } from '../../source.ts';
import { guessedCharset, undeclaredCharset, type Charset, type CharsetGuess } from '#shared/dicom/charset.ts';
import { queryIdentifier } from '../identifier/query-identifier.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';
import { COMMAND } from '../message/command-set.ts';
import type { OperationResponse } from '../message/operation.ts';
import { statusOf, statusText } from '../message/status.ts';
import type { DimseNode } from '../node.ts';
import { requestAssociation } from '../request-association.ts';
import { findSopClass, QUERY_RETRIEVE, WORKLIST_FIND } from '../tables/sop-classes.ts';
import { PLAIN_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { nameBefore, UnreadableMatches } from './unreadable-matches.ts';
import { cancelOperation, contextOrThrow, nextResponse, settingsOf } from './with-association.ts';

const PENDING_KEYS_UNSUPPORTED = 0xff01;

/** Throws LecternError, or the signal's reason. Leaving early, and `limit`, cancel at the peer. */
export async function* find(
  node: DimseNode,
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryAnswer, void> {
  if (request.offset)
    throw new LecternError(
      'not-implemented',
      'C-FIND cannot go on where a list was cut; ask again with a higher limit.',
    );
  const sopClassUid = findSopClass(request.level, node.root ?? 'study');
  // Checked before anybody is called.
  queryIdentifier(request, node.charset, PLAIN_SYNTAXES[0] ?? '');
  // A worklist that is asked for studies alone refuses the whole association, and does not say why; so does an archive without steps.
  const other = request.level === 'worklist' ? QUERY_RETRIEVE[node.root ?? 'study'].find : WORKLIST_FIND;
  const proposals = [sopClassUid, other].map((uid) => ({ abstractSyntaxUid: uid, transferSyntaxUids: PLAIN_SYNTAXES }));
  const open = await requestAssociation(node, { proposals, settings: settingsOf(node), signal });
  const { association } = open;
  try {
    const service =
      request.level === 'worklist' ? 'the modality worklist' : `queries (C-FIND, ${node.root ?? 'study'} root)`;
    const { id, transferSyntaxUid } = contextOrThrow(open, sopClassUid, service);
    const operation = association.operate(
      id,
      { commandField: COMMAND.findRq, affectedSopClassUid: sopClassUid, priority: 0 },
      queryIdentifier(request, node.charset, transferSyntaxUid),
    );
    let isOver = false;
    let isNoticed = false;
    let count = 0;
    const unreadable = new UnreadableMatches();
    const guesses = new Set<CharsetGuess>();
    // PS3.4 C.4.1.1.3.2 wants the set stated in each answer; not everybody does.
    const undeclared =
      node.charset === undefined
        ? guessedCharset((guess) => guesses.add(guess))
        : undeclaredCharset(node.charset.split('\\'));
    try {
      for (;;) {
        const response = await nextResponse(operation, signal);
        if (response.isFinal) {
          isOver = true;
          yield* unreadable.notice();
          yield* guessNotice(guesses);
          yield* ending(response, count);
          break;
        }
        if (request.limit !== undefined && count === request.limit) {
          yield {
            kind: 'notice',
            code: 'cut',
            reason: `Only the first ${request.limit} matches are listed; there are more.`,
          };
          yield* unreadable.notice();
          yield* guessNotice(guesses);
          break;
        }
        if (response.status === PENDING_KEYS_UNSUPPORTED && !isNoticed) {
          isNoticed = true;
          const reason =
            'The other system does not support all keys of this query: the list may be wider than asked for.';
          yield { kind: 'notice', code: 'keys-unsupported', reason };
        }
        count++;
        const match = matchOf(response, transferSyntaxUid, undeclared, unreadable);
        if (match) yield match;
      }
    } finally {
      if (!isOver) await cancelOperation(association, id, operation);
    }
  } finally {
    if (signal.aborted || !association.isOpen)
      association.abort(new LecternError('peer-aborted', 'The query was given up here.'));
    else await association.release();
  }
}

/** `undeclared`: of answers that state no character set. */
function matchOf(
  { dataset }: OperationResponse,
  transferSyntaxUid: string,
  undeclared: Charset,
  unreadable: UnreadableMatches,
): QueryAnswer | undefined {
  if (!dataset) {
    unreadable.note('It came without any data.');
    return undefined;
  }
  const read = readIdentifier(dataset, transferSyntaxUid, undeclared);
  if (read.ok && Object.keys(read.value.dataset).length > 0) return { kind: 'match', ...read.value };
  if (read.ok) unreadable.note('It has no attribute that can be read.');
  else unreadable.note(read.error.detail, nameBefore(read.error.offset ?? 0, dataset, transferSyntaxUid));
  return undefined;
}

function* guessNotice(guesses: ReadonlySet<CharsetGuess>): Generator<QueryAnswer> {
  if (guesses.size === 0) return;
  const reason = `Text beyond ASCII came without its character set. It was read as ${[...guesses].join(' and ')}, which is a guess: where names are wrong, set the node's character set (--charset).`;
  yield { kind: 'notice', code: 'charset-guessed', reason };
}

/** What the final status says of the list. */
function* ending({ status, command }: OperationResponse, count: number): Generator<QueryAnswer> {
  const text = statusText('find', status, command.errorComment);
  switch (statusOf('find', status).category) {
    case 'success':
      return;
    case 'cancel':
      // Nobody here did: Orthanc and others end a list so at their own limit.
      yield {
        kind: 'notice',
        code: 'cut-by-peer',
        reason: `The other system ended the list after ${count} matches, by a limit of its own: there may be more.`,
      };
      return;
    case 'warning':
      yield { kind: 'notice', code: 'cut-by-peer', reason: `The other system ended the list early: ${text}.` };
      return;
    case 'failure':
    case 'pending':
      throw new LecternError('peer-failed', `The query failed at the other system: ${text}.`);
  }
}
