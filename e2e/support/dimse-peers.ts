// What the DIMSE interop suites share: real files as things to send, DCMTK's programs as they are called, content compared.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { OutgoingInstance } from '#backend/sources/source.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { ParsedInstance } from '#shared/dicom/model.ts';

/** Without it DCMTK waits 50 ms for each message. */
export const DCMTK_ENVIRONMENT = { ...process.env, TCP_NODELAY: '1' };
export const hasDcmtk = [
  'storescu',
  'storescp',
  'dcmqrscp',
  'findscu',
  'getscu',
  'movescu',
  'dcmsend',
  'wlmscpfs',
  'echoscu',
].every((name) => spawnSync('which', [name]).status === 0);

/** Runs a program of DCMTK to its end. */
export function dcmtk(program: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { env: DCMTK_ENVIRONMENT, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
      },
    );
  });
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts a server of DCMTK; resolves once it listens. */
export async function startDcmtk(program: string, port: number, ...args: string[]): Promise<{ stop(): Promise<void> }> {
  const child: ChildProcess = spawn(program, args, { env: DCMTK_ENVIRONMENT, stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended while it started`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const readFile = (bytes: Buffer): ReturnType<typeof readInstance> =>
  readInstance(
    { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) },
    { inflate: (deflated, maxOutputLength) => inflateRawSync(deflated, { maxOutputLength }) },
  );

/** A file that was read; throws for one that is none. */
export function parsedFile(bytes: Buffer): ParsedInstance {
  const parsed = readFile(bytes);
  if (!parsed.ok) throw new Error(parsed.error.detail);
  return parsed.value;
}

export interface RealInstance extends OutgoingInstance {
  file: string;
  datasetBytes: Buffer;
}

/** Every readable DICOM file below the folders; the transfer syntax is what the file states. */
export function realInstances(...folders: string[]): RealInstance[] {
  return folders
    .flatMap((folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => {
      const bytes = fs.readFileSync(file);
      if (bytes.subarray(128, 132).toString() !== 'DICM') return [];
      const parsed = readFile(bytes);
      // What lacks its UIDs cannot be sent by anybody.
      if (!parsed.ok) return [];
      const { meta, dataset, datasetOffset } = parsed.value;
      const datasetBytes = bytes.subarray(datasetOffset);
      const value = (tag: string): string => String(dataset[tag]?.Value?.[0] ?? '');
      return [
        {
          file,
          datasetBytes,
          sopClassUid: value('00080016'),
          sopInstanceUid: value('00080018'),
          transferSyntaxUid: String(meta['00020010']?.Value?.[0]),
          sizeBytes: datasetBytes.length,
          async *dataset() {
            for (let at = 0; at < datasetBytes.length; at += 65_536) yield datasetBytes.subarray(at, at + 65_536);
          },
        },
      ];
    });
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a file holds, whatever way its sequences are written: elements, and pixel data fragment by fragment. Group lengths
 * and padding are left out, since senders that take data sets apart write those anew. */
export function contentOf(bytes: Buffer): string {
  const { dataset, frames, transferSyntaxUid } = parsedFile(bytes);
  const pieces =
    frames.kind === 'encapsulated'
      ? frames.frames.flat().map(({ offset, length }) => bytes.subarray(offset, offset + length))
      : frames.kind === 'native' && !transferSyntaxUid.endsWith('.99')
        ? [bytes.subarray(frames.offset, frames.offset + frames.length)]
        : [];
  const text = JSON.stringify(dataset, (key, value: unknown) => {
    if (key === 'BulkDataURI' && typeof value === 'string')
      return value.includes(':') ? `bulk of ${value.split('/')[1] ?? ''}` : value;
    return /^....0000$|^FFFCFFFC$|^7FE00010$/.test(key) ? undefined : value;
  });
  return digest(Buffer.from(`${transferSyntaxUid} ${text} ${pieces.map(digest).join(' ')}`));
}

/** Digest of the pixel data, frame by frame. */
export function pixelsOf(file: Buffer): string {
  const { frames, transferSyntaxUid } = parsedFile(file);
  // Where the data set is deflated, offsets are those of the inflated one.
  if (transferSyntaxUid.endsWith('.99') || frames.kind === 'none') return frames.kind;
  if (frames.kind === 'native') return digest(file.subarray(frames.offset, frames.offset + frames.length));
  return frames.frames
    .map((fragments) =>
      digest(Buffer.concat(fragments.map(({ offset, length }) => file.subarray(offset, offset + length)))),
    )
    .join(' ');
}

/** What storescu must be told to propose a transfer syntax; the others it does not know how to name. */
export const PROPOSE_OPTIONS: Record<string, readonly string[]> = {
  '1.2.840.10008.1.2': [],
  '1.2.840.10008.1.2.1': [],
  '1.2.840.10008.1.2.2': ['-xb'],
  '1.2.840.10008.1.2.1.99': ['-xd'],
  '1.2.840.10008.1.2.4.50': ['-xy'],
  '1.2.840.10008.1.2.4.51': ['-xx'],
  '1.2.840.10008.1.2.4.70': ['-xs'],
  '1.2.840.10008.1.2.4.80': ['-xt'],
  '1.2.840.10008.1.2.4.81': ['-xu'],
  '1.2.840.10008.1.2.4.90': ['-xv'],
  '1.2.840.10008.1.2.4.91': ['-xw'],
  '1.2.840.10008.1.2.5': ['-xr'],
};
