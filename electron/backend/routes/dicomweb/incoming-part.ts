// One instance on its way in by STOW-RS: what failed is named by what its first bytes said, so that its sender can tell which it was.
import type { Archive } from '#backend/archive/archive.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import type { IngestStream } from '#backend/archive/ingest-stream.ts';
import { statedUids, type StatedUids } from '#backend/archive/stated-uid.ts';

/** More than the preamble and the file meta information take. */
const HEAD_BYTES = 4096;

export class IncomingPart {
  readonly #stream: IngestStream;
  #head: Uint8Array = new Uint8Array();
  sizeBytes = 0;

  constructor(archive: Archive, partNumber: number, studyUid: string | undefined) {
    this.#stream = archive.ingest.stream({
      path: `STOW-RS part ${partNumber}`,
      ...(studyUid !== undefined && { studyUid }),
    });
  }

  /** As IngestStream.write. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.sizeBytes += bytes.length;
    if (this.#head.length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    return this.#stream.write(bytes);
  }

  async finish(): Promise<IngestOutcome> {
    return { ...this.stated(), ...(await this.#stream.finish()) };
  }

  stated(): StatedUids {
    return statedUids(this.#head);
  }

  abort(): Promise<void> {
    return this.#stream.abort();
  }
}
