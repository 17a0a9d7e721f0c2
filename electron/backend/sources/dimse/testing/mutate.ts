// Damages bytes in the ways in which hostile and broken peers do, the same for the same seed. For fuzz tests only.

export type Random = () => number;

/** Numbers in [0, 1) that depend on the seed only (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

const EXTREMES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xfffffffe, 0xffffffff];

/** One to four mutations of a copy; `others` are there to be spliced in. */
export function mutate(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let out = Buffer.from(bytes);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  for (let left = 1 + upTo(4); left > 0 && out.length > 0; left--) {
    const at = upTo(out.length);
    switch (upTo(8)) {
      case 0:
        out[at] = (out[at] ?? 0) ^ (1 << upTo(8));
        break;
      case 1:
        out[at] = upTo(256);
        break;
      case 2:
        if (at + 4 <= out.length) out.writeUInt32BE(EXTREMES[upTo(EXTREMES.length)] ?? 0, at);
        break;
      case 3:
        if (at + 2 <= out.length) out.writeUInt16BE((EXTREMES[upTo(EXTREMES.length)] ?? 0) & 0xffff, at);
        break;
      case 4:
        out = out.subarray(0, at);
        break;
      case 5:
        out = Buffer.concat([out.subarray(0, at), Buffer.alloc(1 + upTo(16), upTo(256)), out.subarray(at)]);
        break;
      case 6:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + upTo(16))]);
        break;
      default: {
        const other = others[upTo(others.length)] ?? bytes;
        out = Buffer.concat([out.subarray(0, at), other.subarray(upTo(other.length))]);
      }
    }
  }
  return out;
}
