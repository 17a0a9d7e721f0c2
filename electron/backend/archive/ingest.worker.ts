// Worker thread entry: prepares files and streams for the archive (prepare.ts). One message in, one message out.
import { parentPort, workerData } from 'node:worker_threads';
import type { IngestAnswers, IngestCall, WorkerReply, WorkerRequest, WorkerSetup } from './ingest-messages.ts';
import { contentDigest, datasetDigest, Preparation, prepareFile, recordOfStored } from './prepare.ts';

const { keys, temporaryDir } = workerData as WorkerSetup;
const streams = new Map<number, Preparation>();

function streamOf(id: number): Preparation {
  const stream = streams.get(id);
  if (!stream) throw new Error(`no stream ${id}`);
  return stream;
}

function answerTo(call: IngestCall): IngestAnswers[keyof IngestAnswers] {
  switch (call.kind) {
    case 'file':
      return prepareFile(call.path, keys, temporaryDir);
    case 'stream-open':
      streams.set(call.streamId, new Preparation(keys, temporaryDir));
      return null;
    case 'stream-write':
      streamOf(call.streamId).write(call.bytes);
      return null;
    case 'stream-finish': {
      const stream = streamOf(call.streamId);
      streams.delete(call.streamId);
      try {
        return stream.finish();
      } finally {
        stream.abort();
      }
    }
    case 'stream-abort':
      streams.get(call.streamId)?.abort();
      streams.delete(call.streamId);
      return null;
    case 'dataset-digest':
      return datasetDigest(call.path, keys, call.datasetOffset);
    case 'content-digest':
      return contentDigest(call.path, keys);
    case 'stored-record':
      return recordOfStored(call.path, keys);
  }
}

parentPort?.on('message', ({ id, call }: WorkerRequest) => {
  let reply: WorkerReply;
  try {
    reply = { id, answer: answerTo(call) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    reply = { id, failure: { name, message, code } };
  }
  parentPort?.postMessage(reply);
});
