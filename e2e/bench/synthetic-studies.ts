// Plausible synthetic studies for benches, the same for the same number each time: names in several scripts, patients with
// priors, the mix of modalities of a hospital. Nobody's data.

export interface SyntheticStudy {
  studyUid: string;
  patientId: string;
  issuer: string;
  patientName: string;
  birthDate: string;
  sex: string;
  studyDate: string;
  studyTime: string;
  accession: string;
  description: string;
  referrer: string;
  modality: string;
}

const FAMILY = [
  'Müller',
  'Schmidt',
  'García',
  'Nguyễn',
  'Kowalski',
  'Jørgensen',
  'Ivanov',
  'Smith',
  'Öztürk',
  'Dupont',
  'Rossi',
  'Papadopoulos',
  'Novák',
  'Silva',
  'Okafor',
  'Haddad',
  'Bergström',
  'Weiß',
];
const GIVEN = ['Anna', 'Jörg', 'María', 'José', 'Łukasz', 'Zoë', 'Karl', 'Aïcha', 'Björn', 'Chloé', 'Emeka', 'Sofia'];
const OTHER_SCRIPTS = [
  'Yamada^Tarou=山田^太郎=やまだ^たろう',
  'Wang^XiaoDong=王^小東',
  'Hong^Gildong=洪^吉洞=홍^길동',
  'Suzuki^Hanako=鈴木^花子=すずき^はなこ',
  'Иванов^Пётр',
  'Παπαδόπουλος^Νίκος',
];
const STUDIES: readonly (readonly [modality: string, description: string])[] = [
  ['CT', 'CT Thorax'],
  ['CT', 'CT Abdomen and pelvis with contrast'],
  ['MR', 'MR Head'],
  ['MR', 'MR Knee left'],
  ['CR', 'Chest PA and lateral'],
  ['DX', 'Hand right 2 views'],
  ['US', 'Abdomen ultrasound'],
  ['MG', 'Mammography screening'],
  ['PT', 'PET whole body FDG'],
  ['XA', 'Coronary angiography'],
];

/** A mixed number of `n` (splitmix32), so that neighbours have nothing in common. */
export function mixed(n: number): number {
  let z = (n + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
const pad = (value: number, length: number): string => String(value).padStart(length, '0');
const dayFrom = (startYear: number, years: number, n: number): string =>
  `${startYear + (n % years)}${pad(1 + ((n >>> 8) % 12), 2)}${pad(1 + ((n >>> 16) % 28), 2)}`;

/** The study number `index`, from 0. About every third is a prior of a patient met before. */
export function syntheticStudy(index: number): SyntheticStudy {
  const patient = index % 3 === 2 ? Math.floor(mixed(index) % Math.max(1, index)) : index;
  const p = mixed(patient * 2 + 1);
  const s = mixed(index * 2);
  const [modality, description] = pick(STUDIES, s >>> 3);
  const serial = p % 97;
  const patientName =
    p % 13 === 0
      ? pick(OTHER_SCRIPTS, p >>> 4)
      : `${pick(FAMILY, p >>> 4)}^${pick(GIVEN, p >>> 12)}${serial ? '' : '^^Dr'}`;
  return {
    studyUid: `2.25.77${pad(index, 9)}`,
    patientId: `P${pad(patient, 7)}`,
    issuer: p % 5 === 0 ? 'CLINIC-B' : 'CLINIC-A',
    patientName,
    birthDate: dayFrom(1930, 90, p),
    sex: p % 2 ? 'F' : 'M',
    studyDate: dayFrom(2018, 8, s),
    studyTime: `${pad(7 + (s % 12), 2)}${pad((s >>> 5) % 60, 2)}00`,
    accession: `A${pad(s % 100_000_000, 8)}`,
    description,
    referrer: `${pick(FAMILY, s >>> 7)}^${pick(GIVEN, s >>> 11)}`,
    modality,
  };
}
