// `lectern nodes` and `lectern echo`: other systems, set up and tried. A secret comes on standard input, never as an argument.
import fs from 'node:fs';
import type { z } from 'zod';
import { checkedSecret } from '#backend/credentials/node-store.ts';
import type { OpenParts } from '#backend/open-parts.ts';
import { usersOf } from '#backend/transfer/node-users.ts';
import type { TestStep } from '#backend/sources/source.ts';
import { labelOf } from '#shared/dicom/charset.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { nodeSettings, type NodeSettings, type NodeView } from '#shared/contract/nodes.ts';
import { UsageError } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';

const SUBCOMMANDS = ['add', 'ls', 'rm', 'test'] as const;

export const nodesCommand: Command = {
  usage:
    'nodes add NAME (--dimse AET@HOST:PORT | --dicomweb URL) [--calling AET] [--retrieve get|move] [--charset C] [--user U] [--connections N] [--secret-stdin] [--tls] [--ca FILE] [--cert FILE --key FILE] | nodes ls | nodes rm NAME [--anyway] | nodes test NAME',
  about: 'sets up other systems, and tries the way to them step by step',
  options: {
    dimse: 'value',
    dicomweb: 'value',
    calling: 'value',
    retrieve: 'value',
    charset: 'value',
    user: 'value',
    connections: 'value',
    'secret-stdin': 'flag',
    tls: 'flag',
    anyway: 'flag',
    ca: 'value',
    cert: 'value',
    key: 'value',
  },
  run: async (context) => {
    const [what, name] = context.operands;
    const subcommand = SUBCOMMANDS.find((known) => known === what);
    if (!subcommand) throw new UsageError(`nodes takes ${SUBCOMMANDS.join(', ')}.`);
    if (subcommand === 'ls') return list(context);
    if (name === undefined || context.operands.length > 2) throw new UsageError(`nodes ${subcommand} takes one name.`);
    switch (subcommand) {
      case 'add':
        return add(context, name);
      case 'rm': {
        const parts = (await context.open()).open();
        const { nodes, useCases } = parts;
        useCases.check('configure');
        const users = context.flags.has('anyway') ? [] : usersOf(name, parts);
        if (users.length)
          throw new LecternError(
            'conflict',
            `${name} was not removed: it is used by ${users.join(', ')}. With --anyway it is removed all the same.`,
          );
        nodes.remove(name);
        useCases.audit('network-configuration', 0, { detail: `node ${name} removed` });
        context.print(context.flags.has('json') ? JSON.stringify({ removed: name }) : `removed ${name}`);
        return 0;
      }
      case 'test':
        return test(context, name);
    }
  },
};

async function list({ flags, print, open }: CommandContext): Promise<number> {
  const { nodes, useCases } = (await open()).open();
  useCases.check('read');
  const all = nodes.list();
  if (flags.has('json')) print(JSON.stringify(all.map(plainView)));
  else for (const { settings } of all) print(`${settings.name}\t${settings.kind}\t${addressOf(settings)}`);
  return 0;
}

const plainView = ({ settings, secrets, certificateValidity }: NodeView): object => ({
  ...settings,
  secrets,
  certificateValidity,
});
const addressOf = (settings: NodeSettings): string =>
  settings.kind === 'dicomweb' ? settings.url : `${settings.aet}@${settings.host}:${settings.port}`;

async function add(context: CommandContext, name: string): Promise<number> {
  const { values, flags, print, open, pathOf, stdin } = context;
  const parsed = nodeSettings.safeParse(settingsOf(context, name));
  if (!parsed.success) throw new UsageError(sentenceOf(parsed.error));
  const keyFile = values.get('key');
  const key = keyFile === undefined ? undefined : readFile(pathOf(keyFile));
  const secret = flags.has('secret-stdin') ? (await stdin()).replace(/\r?\n$/, '') : undefined;
  // An empty one comes of a command before the pipe that failed.
  if (secret === '') throw new UsageError('--secret-stdin: nothing came on standard input.');
  // Before the node is there: what is refused leaves none without its secret.
  if (key !== undefined) checkedSecret(parsed.data, 'key', key);
  if (secret !== undefined) checkedSecret(parsed.data, 'password', secret);
  const { nodes, useCases } = (await open()).open();
  useCases.check('configure');
  nodes.add(parsed.data);
  if (secret !== undefined) await nodes.setSecret(name, 'password', secret);
  if (key !== undefined) await nodes.setSecret(name, 'key', key);
  useCases.audit('network-configuration', 0, { detail: `node ${name} added` });
  print(flags.has('json') ? JSON.stringify({ added: name }) : `added ${name}`);
  return 0;
}

/** By which part of the call a setting is given, where it has not the name of its option. */
const GIVEN_BY: Readonly<Record<string, string>> = {
  name: 'NAME',
  aet: '--dimse',
  host: '--dimse',
  port: '--dimse',
  url: '--dicomweb',
  callingAet: '--calling',
  auth: '--user',
  'tls.ca': '--ca',
  'tls.certificate': '--cert',
};

function sentenceOf({ issues: [first] }: z.ZodError): string {
  const setting = first?.path[0] === 'tls' ? first.path.join('.') : String(first?.path[0]);
  return `${GIVEN_BY[setting] ?? `--${setting}`}: ${first?.message ?? 'this is no node.'}`;
}

/** What the options say, still to be checked by the schema. */
function settingsOf({ values, flags, pathOf }: CommandContext, name: string): unknown {
  const [dimse, dicomweb] = [values.get('dimse'), values.get('dicomweb')];
  if ((dimse === undefined) === (dicomweb === undefined))
    throw new UsageError('A node is either --dimse AET@HOST:PORT or --dicomweb URL.');
  if (values.has('key') !== values.has('cert')) throw new UsageError('--cert and --key belong together.');
  const files = { ca: values.get('ca'), certificate: values.get('cert') };
  const tls = Object.fromEntries(
    Object.entries(files).flatMap(([what, file]) => (file === undefined ? [] : [[what, readFile(pathOf(file))]])),
  );
  const hasTls = flags.has('tls') || Object.keys(tls).length > 0;
  const user = values.get('user');
  const unknown = values
    .get('charset')
    ?.split('\\')
    .find((term) => term !== '' && labelOf(term) === undefined);
  if (unknown !== undefined) throw new UsageError(`${unknown} is no Specific Character Set (PS3.3 C.12.1.1.2).`);
  const connections = values.has('connections') && { connections: Number(values.get('connections')) };
  const common = { name, ...connections, ...(hasTls && { tls }) };
  if (dicomweb !== undefined) {
    const auth = user !== undefined ? { kind: 'basic', user } : { kind: flags.has('secret-stdin') ? 'bearer' : 'none' };
    return { ...common, kind: 'dicomweb', url: dicomweb, auth };
  }
  const address = /^([^@]+)@(\[[^\]]+\]|[^:@]+):(\d+)$/.exec(dimse ?? '');
  if (!address) throw new UsageError('--dimse is written AET@HOST:PORT.');
  const [, aet, host = '', port] = address;
  return {
    ...common,
    kind: 'dimse',
    aet,
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    callingAet: values.get('calling') ?? 'LECTERN',
    ...(values.has('charset') && { charset: values.get('charset') }),
    ...(values.has('retrieve') && { retrieve: values.get('retrieve') }),
    ...(user !== undefined && { user }),
  };
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read.`);
  }
}

async function test({ flags, print, signal, open }: CommandContext, name: string): Promise<number> {
  const parts = (await open()).open();
  parts.useCases.check('query');
  const steps: TestStep[] = [];
  await parts.transfers.with(name, async (source) => {
    for await (const step of source.test(signal)) {
      steps.push(step);
      print(flags.has('json') ? JSON.stringify(step) : `${step.outcome.padEnd(8)} ${step.step}: ${step.detail}`);
    }
  });
  if (steps.some(({ outcome }) => outcome === 'failed')) return 1;
  return steps.some(({ outcome }) => outcome === 'warning') ? 3 : 0;
}

export const echoCommand: Command = {
  usage: 'echo NAME [--json]',
  about: 'asks a node whether it is there',
  options: {},
  run: async ({ operands, flags, print, signal, open }) => {
    const [name] = operands;
    if (name === undefined || operands.length > 1) throw new UsageError('echo takes one name.');
    const parts = (await open()).open();
    parts.useCases.check('query');
    const started = performance.now();
    await echo(parts, name, signal);
    const milliseconds = Math.round(performance.now() - started);
    print(flags.has('json') ? JSON.stringify({ node: name, milliseconds }) : `${name} answers (${milliseconds} ms)`);
    return 0;
  },
};

/** Resolves once the node has answered an echo (a query, with DICOMweb). Rejects with the step that failed. */
async function echo({ transfers }: OpenParts, name: string, signal: AbortSignal): Promise<void> {
  await transfers.with(name, async (source) => {
    for await (const { step, outcome, detail } of source.test(signal)) {
      if (outcome === 'failed') throw new LecternError('peer-failed', detail);
      if (step === 'echo' || step === 'qido') return;
    }
    throw new LecternError('peer-failed', `${name} did not answer.`);
  });
}
