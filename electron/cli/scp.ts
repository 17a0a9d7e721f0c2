// `lectern scp`: our storage provider in front of the archive until SIGTERM; one line when it listens, one per instance.
import { once } from 'node:events';
import type { DimseScp } from '#backend/sources/dimse/scp/scp.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { onOneLine } from './on-one-line.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { receiverChoice, type ReceiverChoice } from './transfer.ts';

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
    const running = receiver.scp;
    try {
      const listening = running ? joined(running, choice) : await receiver.start(choice);
      print(JSON.stringify(listening));
      if (!signal.aborted) await once(signal, 'abort');
      return 0;
    } finally {
      off();
      if (!running) await receiver.stop();
    }
  },
};

/** What another command or the settings let listen: by its own title and port, which cannot be others. */
function joined({ aet, listeningPort: port }: DimseScp, choice: ReceiverChoice): { aet: string; port: number } {
  if ((choice.aet ?? aet) === aet && (choice.port ?? port) === port) return { aet, port };
  throw new LecternError(
    'conflict',
    `The running Lectern receives as ${aet} on port ${port}: leave out --aet and --port to receive through it, or end it first.`,
  );
}
