// 2,000 CT files (1.05 GB) by DCMTK's sender, one after the other: durable, encrypted, indexed, then success; against `storescp
// +B`, which does none of these (asked: at least 0.7x its rate), and Orthanc (at least 4x).
// What an instance waits for here, medians in milliseconds: its bytes 1.2, what its worker has still to seal 0.9, parsing 0.6, the
// copy to the page cache 0.3 (2 where the machine gives memory anew), the flush of file and folder 1.3 while the record is made,
// index row 0.6, messages 0.2, the sender 0.7. Both processors are busy then: less work helps more than more at a time. Larger
// pieces on the way to the worker and connections read in place paid; starting the workers ahead did not.
import { checkArchive, compare, SET, startReceiver, storescu } from './measure-transfers.ts';

await compare(
  'store-scp',
  async (folder) => {
    const receiver = await startReceiver(folder);
    const seconds = await storescu(receiver.port);
    await receiver.stop();
    checkArchive(folder, SET);
    return seconds;
  },
  { storescp: 'storescp', orthanc: 'orthanc-dimse' },
);
