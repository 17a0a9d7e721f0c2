// C-ECHO as SCU (PS3.4 A, PS3.7 9.1.5).
import { LecternError } from '#shared/contract/errors.ts';
import type { Association } from '../association.ts';
import { COMMAND } from '../message/command-set.ts';
import { statusOf, statusText } from '../message/status.ts';
import { VERIFICATION } from '../tables/sop-classes.ts';

/** Rejects with LecternError 'peer-failed' when it is not answered with success. */
export async function echo(association: Association, contextId: number): Promise<void> {
  const operation = association.operate(contextId, { commandField: COMMAND.echoRq, affectedSopClassUid: VERIFICATION });
  const { status, command } = await operation.next();
  if (statusOf('echo', status).category !== 'success')
    throw new LecternError(
      'peer-failed',
      `C-ECHO was answered with ${statusText('echo', status, command.errorComment)}.`,
    );
}
