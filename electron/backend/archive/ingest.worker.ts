// Worker thread entry: prepares files and streams for the archive (prepare.ts). One message in, one message out.
import { parentPort, workerData } from 'node:worker_threads';
import { step, underBlame } from '#backend/workers/signs.ts';
import { fileMayBeCut } from './cut-file.ts';
import { Folders } from './folders.ts';
import type { IngestAnswers, IngestCall, WorkerReply, WorkerRequest, WorkerSetup } from './ingest-messages.ts';
import {
  contentDigest,
  datasetDigest,
  dropHeld,
  placeHeld,
  Preparation,
  prepareFile,
  recordOfStored,
  spillHeld,
} from './prepare.ts';

const { keys, temporaryDir, objects, folders: opened } = workerData as WorkerSetup;
const folders = Folders.lent(opened);
const streams = new Map<number, Preparation>();

function streamOf({ streamId, isFirst }: { streamId: number; isFirst: boolean }): Preparation {
  const stream = isFirst ? new Preparation(keys, temporaryDir) : streams.get(streamId);
  if (!stream) throw new Error('the beginning of this stream is lost');
  streams.set(streamId, stream);
  return stream;
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

async function answerTo(call: IngestCall): Promise<IngestAnswers[keyof IngestAnswers]> {
  step();
  switch (call.kind) {
    case 'file':
      return prepareFile(call.path, keys, temporaryDir);
    case 'may-be-cut':
      return fileMayBeCut(call.path);
    case 'stream-write':
      return streamOf(call).write(asBuffer(call.bytes));
    case 'stream-finish': {
      const stream = streamOf(call);
      streams.delete(call.streamId);
      try {
        stream.write(asBuffer(call.bytes));
        return await (call.isNew ? stream.finishInPlace(objects, folders) : stream.finish());
      } finally {
        stream.abort();
      }
    }
    case 'stream-abort':
      streams.get(call.streamId)?.abort();
      streams.delete(call.streamId);
      return null;
    case 'place':
      return placeHeld(call.id, call.target, folders);
    case 'spill':
      return spillHeld(call.id);
    case 'drop':
      dropHeld(call.id);
      return null;
    case 'dataset-digest':
      return datasetDigest(call.path, keys, call.datasetOffset, call.length);
    case 'content-digest':
      return contentDigest(call.path, keys, call.length);
    case 'stored-record':
      return recordOfStored(call.path, keys);
  }
}

const answer = (reply: WorkerReply): void => parentPort?.postMessage(reply);

parentPort?.on('message', ({ id, call }: WorkerRequest) => {
  underBlame(id, () => answerTo(call)).then(
    (given) => answer({ id, answer: given }),
    (error: unknown) => {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      answer({ id, failure: { name, message, code } });
    },
  );
});
