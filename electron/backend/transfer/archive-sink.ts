// The archive as the place where the sources' instances go, and stored instances as what they send.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import type { Ingest } from '#backend/archive/ingest.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { canDecode } from '#shared/codecs/decode-frame.ts';
import type { InstanceSink, OutgoingInstance, SinkOutcome } from '#backend/sources/source.ts';
import type { Uncompressor } from './uncompressed/uncompressor.ts';

/** `onTaken` is told of each instance that is in the archive now, with the study it belongs to and who sent it; `onComing` before an
 * announced one is taken in, and what it gives of what became of that. What `onComing` throws keeps it from being taken in. */
export function createArchiveSink(
  ingest: Ingest,
  onTaken: (outcome: IngestOutcome, peer: string) => void = () => undefined,
  onComing: (sopInstanceUid: string, peer: string) => ((outcome: IngestOutcome) => void) | undefined = () => undefined,
): InstanceSink {
  return {
    open: ({ peer, sopInstanceUid }) => {
      const stream = ingest.stream({
        path: `from ${peer}`,
        ...(sopInstanceUid !== undefined && { announcedUid: sopInstanceUid }),
      });
      return {
        write: (bytes) => stream.write(bytes),
        abort: () => stream.abort(),
        finish: async () => {
          const onCame = sopInstanceUid === undefined ? undefined : onComing(sopInstanceUid, peer);
          const outcome = await stream.finish();
          try {
            onCame?.(outcome);
          } finally {
            // In the archive it is whatever comes of that.
            if (outcome.outcome !== 'refused' && outcome.outcome !== 'not-dicom') onTaken(outcome, peer);
          }
          return sinkOutcome(outcome);
        },
      };
    },
  };
}

const sinkOutcome = ({ outcome, ...told }: IngestOutcome): SinkOutcome => ({
  ...told,
  outcome: outcome === 'not-dicom' ? 'refused' : outcome,
});

export function outgoing(archive: Archive, location: InstanceLocation, uncompressor: Uncompressor): OutgoingInstance {
  const { sopClassUid, sopUid, transferSyntaxUid, sizeBytes, datasetOffset } = location;
  return {
    sopClassUid,
    sopInstanceUid: sopUid,
    transferSyntaxUid,
    sizeBytes: sizeBytes - datasetOffset,
    ...(canDecode(transferSyntaxUid) && {
      uncompressed: async (targetUid: string) => {
        const reader = archive.open(location);
        try {
          // A copy of its own, to be given away.
          return await uncompressor.uncompress(new Uint8Array(await reader.readAsync(0, reader.size)), targetUid);
        } finally {
          reader.close();
        }
      },
    }),
    dataset: () => archive.pieces(location, datasetOffset),
  };
}
