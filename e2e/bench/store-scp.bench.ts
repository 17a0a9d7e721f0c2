// 2,000 CT files (1.05 GB) by DCMTK's sender, one after the other: durable, encrypted, indexed, then success; against `storescp
// +B`, which does none of these (asked: at least 0.7x its rate), and Orthanc (at least 4x).
// What an instance waits for here, medians in milliseconds: its bytes 0.7, what its worker has still to seal 0.5 and the last piece
// 0.25, parsing 0.25, the write past the page cache 0.6 to 1 while the record is made, the flush 0.4, messages 0.2, index row 0.4, the
// sender 0.5. Copying into the page cache took 0.2, and 1.8 where a virtual machine is given its memory page by page, which storescp
// pays too: its figure varies by two with it. Waking a thread costs 0.07 there. Larger pieces on the way to the worker, connections read
// in place and key objects instead of plain keys paid; starting the workers ahead, and reading the header in the other worker while the
// rest comes, did not. Files that were deleted in the last minutes make new ones dear (ext4 passes over their inodes one by one).
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
