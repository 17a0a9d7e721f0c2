// `lectern scp`: our storage provider in front of the archive until SIGTERM; one line when it listens, one per instance.
import { once } from 'node:events';
import { LecternError } from '#shared/contract/errors.ts';
import { onOneLine } from './on-one-line.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { receiverChoice } from './transfer.ts';

export const scpCommand: Command = {
  usage: 'scp [--aet A] [--port N] [--json]',
  about: 'receives instances by C-STORE until it is ended',
  options: { aet: 'value', port: 'value' },
  runsUntilEnded: true,
  run: async ({ operands, values, flags, print, signal, open }) => {
    if (operands.length) throw new UsageError('scp takes no operands.');
    const choice = receiverChoice(values);
    const { receiver, useCases } = (await open()).open();
    useCases.check('receive');
    const off = receiver.onStored(({ callingAet }, { sopInstanceUid, status, outcome, bytes, reason }) => {
      const what = outcome?.outcome ?? 'failed';
      print(
        flags.has('json')
          ? JSON.stringify({
              sopInstanceUid,
              callingAet,
              status,
              outcome: what,
              bytes,
              ...(reason !== undefined && { reason }),
            })
          : onOneLine(`${what}: ${sopInstanceUid} from ${callingAet}${reason === undefined ? '' : `: ${reason}`}`),
      );
    });
    const isOurs = !receiver.scp;
    try {
      if (!isOurs && Object.keys(choice).length > 0)
        throw new LecternError(
          'conflict',
          `The running Lectern receives as ${receiver.settings.aet} on port ${receiver.address?.port}; change that in its settings.`,
        );
      const listening = isOurs
        ? await receiver.start(choice)
        : { aet: receiver.settings.aet, port: receiver.address?.port };
      print(JSON.stringify(listening));
      if (!signal.aborted) await once(signal, 'abort');
      return 0;
    } finally {
      off();
      if (isOurs) await receiver.stop();
    }
  },
};
