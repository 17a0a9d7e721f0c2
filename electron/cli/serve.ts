// `lectern serve`: the DICOMweb origin on loopback until SIGTERM; one line with origin and token when ready.
import { startLoopbackServer } from '#backend/loopback-server.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';

export const serveCommand: Command = {
  usage: 'serve [--port N]',
  about: 'answers DICOMweb at /api/dicomweb on loopback until it is ended',
  options: { port: 'value' },
  run: async ({ operands, values, print, open }) => {
    if (operands.length) throw new UsageError('serve takes no operands.');
    const port = Number(values.get('port') ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port is a number up to 65535.');
    const backend = await open();
    try {
      const server = await startLoopbackServer({ port, api: (request) => backend.fetch(request) });
      const ended = new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
      print(JSON.stringify({ origin: server.origin, token: server.token }));
      await ended;
      await server.close();
      return 0;
    } finally {
      await backend.close();
    }
  },
};
