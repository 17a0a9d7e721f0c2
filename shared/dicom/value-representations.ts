// The value representations of PS3.5 6.2.

const VRS = new Set(
  'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split(' '),
);
export const isVr = (text: string): boolean => VRS.has(text);

/** VRs whose length takes 32 bits in explicit encodings (PS3.5 7.1.2). */
export const LONG_LENGTH_VRS = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
