// `lectern serve`: the DICOMweb origin on loopback until SIGTERM; one line with origin and token when ready.
import { once } from 'node:events';
import { startLoopbackServer } from '#backend/loopback-server.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';

export const serveCommand: Command = {
  usage: 'serve [--port N]',
  about: 'answers DICOMweb at /api/dicomweb on loopback until it is ended',
  options: { port: 'value' },
  runsUntilEnded: true,
  run: async ({ operands, values, print, signal, open }) => {
    if (operands.length) throw new UsageError('serve takes no operands.');
    const port = Number(values.get('port') ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port is a number up to 65535.');
    const backend = await open();
    const server = await startLoopbackServer({ port, api: (request) => backend.fetch(request) });
    print(JSON.stringify({ origin: server.origin, token: server.token }));
    if (!signal.aborted) await once(signal, 'abort');
    await server.close();
    return 0;
  },
};
