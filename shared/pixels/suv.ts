// Standardized uptake values of PET: what one unit of an image's modality values is in SUV, or the reason why that cannot be
// told. Follows the vendor-neutral pseudo-code of RSNA QIBA; where that would assume, this refuses.
import { err, ok, type Result } from '../base/result.ts';
import { itemsOf, numberOf, textOf, textsOf } from '../dicom/json-values.ts';
import type { DicomJson } from '../dicom/model.ts';
import { privateNumber, privateText } from '../dicom/private-values.ts';

/** SUV for each unit of the modality value (stored value after the rescale). At least one is known. */
export interface SuvFactors {
  /** By body weight, g/ml. */
  bw: number | undefined;
  /** By lean body mass after James, g/ml (PS3.3 C.8.9.1.1.8: LBM). */
  lbm: number | undefined;
  /** By body surface after Du Bois, cm2/ml. */
  bsa: number | undefined;
  /** How the reference time was found, for a person. */
  basis: string;
}

const SECONDS_PER_DAY = 86_400;
/** Tracers that live longer are imaged days after: a time of day alone does not say how long ago it was given. */
const LONGEST_HALF_LIFE_WITHOUT_DATE = 10 * 3600;
/** Beyond so many half-lives nothing is left to measure: the times contradict one another. */
const MOST_HALF_LIVES = 12;
/** Less is no dose in Bq: the number is in another unit. */
const LEAST_DOSE_BQ = 1e5;

/** Factors of one instance's metadata; undefined where the image is no PET, an error with the reason where it has none. */
export function suvOf(dataset: DicomJson): Result<SuvFactors, string> | undefined {
  if (textOf(dataset, '00080060') !== 'PT') return undefined;
  const units = textOf(dataset, '00541001');
  switch (units) {
    case 'BQML':
      return activityFactors(dataset, 1);
    case 'CNTS':
      return countFactors(dataset);
    case 'GML':
    case 'CM2ML':
      return statedFactors(dataset, units);
    case undefined:
      return err('the header has no Units (0054,1001)');
    default:
      return err(`Units (0054,1001) are ${units}`);
  }
}

/** Values that are SUV already; of which kind says SUV Type (0054,1006), by body weight where that is absent. */
function statedFactors(dataset: DicomJson, units: 'GML' | 'CM2ML'): Result<SuvFactors, string> {
  const none = { bw: undefined, lbm: undefined, bsa: undefined, basis: 'stored as SUV' };
  const type = textOf(dataset, '00541006') ?? (units === 'GML' ? 'BW' : 'BSA');
  if (units === 'GML' && type === 'BW') return ok({ ...none, bw: 1 });
  if (units === 'GML' && type === 'LBM') return ok({ ...none, lbm: 1 });
  if (units === 'CM2ML' && type === 'BSA') return ok({ ...none, bsa: 1 });
  return err(`SUV Type (0054,1006) ${type} with Units ${units} is not converted`);
}

/** Counts: only Philips says what they mean, in private attributes. */
function countFactors(dataset: DicomJson): Result<SuvFactors, string> {
  const suvPerCount = privateNumber(dataset, { group: '7053', creator: 'Philips PET Private Group', element: '00' });
  if (suvPerCount !== undefined && suvPerCount > 0) {
    const sizes = bodySizes(dataset);
    const perGram = sizes.weightG && suvPerCount / sizes.weightG;
    return ok({
      bw: suvPerCount,
      lbm: perGram && sizes.leanG && perGram * sizes.leanG,
      bsa: perGram && sizes.surfaceCm2 && perGram * sizes.surfaceCm2,
      basis: 'factor of the scanner (7053,1000)',
    });
  }
  const bqPerCount = privateNumber(dataset, { group: '7053', creator: 'Philips PET Private Group', element: '09' });
  if (bqPerCount !== undefined && bqPerCount > 0) return activityFactors(dataset, bqPerCount);
  return err('the values are counts (Units CNTS), and the header has no factor for them (7053,1000 or 7053,1009)');
}

/** `bqml`: Bq/ml for each unit of the modality value. */
function activityFactors(dataset: DicomJson, bqml: number): Result<SuvFactors, string> {
  const corrected = textsOf(dataset, '00280051');
  if (!corrected.includes('ATTN')) return err('Corrected Image (0028,0051) does not say attenuation (ATTN)');
  if (!corrected.includes('DECY') && !corrected.includes('DECAY'))
    return err('Corrected Image (0028,0051) does not say decay (DECY)');
  const dose = decayedDoseBq(dataset);
  if (!dose.ok) return dose;
  const { weightG, leanG, surfaceCm2 } = bodySizes(dataset);
  if (weightG === undefined) return err("Patient's Weight (0010,1030) is missing or no weight");
  const perUnit = bqml / dose.value.bq;
  return ok({
    bw: perUnit * weightG,
    lbm: leanG && perUnit * leanG,
    bsa: surfaceCm2 && perUnit * surfaceCm2,
    basis: dose.value.basis,
  });
}

/** The dose as it was at the time that the pixels are decay-corrected to. */
function decayedDoseBq(dataset: DicomJson): Result<{ bq: number; basis: string }, string> {
  const [tracer, another] = itemsOf(dataset, '00540016');
  if (!tracer) return err('Radiopharmaceutical Information (0054,0016) is missing');
  if (another) return err('more than one radiopharmaceutical was given (0054,0016)');
  const doseBq = numberOf(tracer, '00181074');
  if (!doseBq || doseBq <= 0) return err('Radionuclide Total Dose (0018,1074) is missing');
  if (doseBq < LEAST_DOSE_BQ) return err(`Radionuclide Total Dose (0018,1074) of ${doseBq} is not in Bq`);
  const correction = textOf(dataset, '00541102');
  if (correction === 'ADMIN') return ok({ bq: doseBq, basis: 'decay-corrected to the injection' });
  if (correction !== 'START')
    return err(`Decay Correction (0054,1102) is ${correction ?? 'missing'}, not START or ADMIN`);
  const halfLife = numberOf(tracer, '00181075');
  if (!halfLife || halfLife <= 0) return err('Radionuclide Half Life (0018,1075) is missing');
  const scan = scanStart(dataset, halfLife);
  if (!scan.ok) return scan;
  const decay = decaySeconds(tracer, scan.value.at, halfLife);
  if (!decay.ok) return decay;
  return ok({ bq: doseBq * 2 ** (-decay.value / halfLife), basis: scan.value.basis });
}

/** Seconds from the injection to the start of the scan. */
function decaySeconds(tracer: DicomJson, scanAt: number, halfLife: number): Result<number, string> {
  const stated = dateTime(textOf(tracer, '00181078'));
  if (stated === 'zoned') return err('the injection time (0018,1078) names a time zone that the scan time does not');
  if (stated !== undefined) {
    const seconds = scanAt - stated;
    return seconds >= 0 && seconds <= MOST_HALF_LIVES * halfLife
      ? ok(seconds)
      : err('the injection (0018,1078) and the start of the scan do not fit together');
  }
  const time = timeOfDay(textOf(tracer, '00181072'));
  if (time === undefined) return err('the time of the injection (0018,1078 or 0018,1072) is missing');
  if (halfLife > LONGEST_HALF_LIFE_WITHOUT_DATE)
    return err('the date of the injection (0018,1078) is missing, and this tracer may be imaged days after');
  const scanTime = ((scanAt % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
  // A later time of day is that of the day before: the examination went over midnight.
  const seconds = scanTime >= time ? scanTime - time : scanTime - time + SECONDS_PER_DAY;
  return seconds <= MOST_HALF_LIVES * halfLife && seconds < SECONDS_PER_DAY / 2
    ? ok(seconds)
    : err('the time of the injection (0018,1072) does not fit the start of the scan');
}

/** The moment that START means: the series' time, unless that is later than the acquisition (a series made afterwards). */
function scanStart(dataset: DicomJson, halfLife: number): Result<{ at: number; basis: string }, string> {
  const series = moment(dataset, '00080021', '00080031');
  const acquired = moment(dataset, '00080022', '00080032');
  if (acquired === undefined) return err('Acquisition Date and Time (0008,0022 and 0008,0032) are missing');
  if (series !== undefined && series <= acquired)
    return ok({ at: series, basis: 'decay-corrected to the start of the series' });
  const ge = dateTime(privateText(dataset, { group: '0009', creator: 'GEMS_PETD_01', element: '0D' }));
  if (typeof ge === 'number')
    return ge <= acquired
      ? ok({ at: ge, basis: 'decay-corrected to the start of the scan (0009,100D)' })
      : err('the start of the scan (0009,100D) is later than the acquisition');
  const [referenceMs, durationMs] = [numberOf(dataset, '00541300'), numberOf(dataset, '00181242')];
  if (!referenceMs || !durationMs || referenceMs <= 0 || durationMs <= 0)
    return err(
      series === undefined
        ? 'Series Date and Time (0008,0021 and 0008,0031) are missing, and nothing else tells when the scan began'
        : 'the series is later than its acquisition, and nothing else tells when the scan began',
    );
  // Frame Reference Time: from the start of the scan to the moment within the frame at which the count rate is its mean.
  const perSecond = Math.LN2 / halfLife;
  const during = (perSecond * durationMs) / 1000;
  const meanRateAt = Math.log(during / (1 - Math.exp(-during))) / perSecond;
  return ok({
    at: acquired - referenceMs / 1000 + meanRateAt,
    basis: 'decay-corrected to the start of the scan, reckoned back from the frame reference time',
  });
}

interface BodySizes {
  weightG: number | undefined;
  leanG: number | undefined;
  surfaceCm2: number | undefined;
}

/** Lean mass after James (men 1.10 W - 128 (W/H)^2, women 1.07 W - 148 (W/H)^2; kg, cm), surface after Du Bois. */
function bodySizes(dataset: DicomJson): BodySizes {
  const stated = numberOf(dataset, '00101030');
  const weightKg = stated !== undefined && stated > 0 && stated < 650 ? stated : undefined;
  const heightM = numberOf(dataset, '00101020');
  const sex = textOf(dataset, '00100040');
  // Written in centimetres by some: then neither is used.
  const heightCm = heightM !== undefined && heightM > 0.2 && heightM < 2.6 ? heightM * 100 : undefined;
  const weightG = weightKg && weightKg * 1000;
  if (!weightKg || !heightCm) return { weightG, leanG: undefined, surfaceCm2: undefined };
  const ratio = (weightKg / heightCm) ** 2;
  const leanKg = sex === 'M' ? 1.1 * weightKg - 128 * ratio : sex === 'F' ? 1.07 * weightKg - 148 * ratio : 0;
  return {
    weightG,
    leanG: leanKg > 0 ? leanKg * 1000 : undefined,
    surfaceCm2: 71.84 * weightKg ** 0.425 * heightCm ** 0.725,
  };
}

/** Seconds; the zone is that of the whole header, which is never converted. */
function moment(dataset: DicomJson, dateTag: string, timeTag: string): number | undefined {
  const day = dayOf(textOf(dataset, dateTag) ?? '');
  const time = timeOfDay(textOf(dataset, timeTag));
  return day === undefined || time === undefined ? undefined : day + time;
}

function dayOf(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d{2})\.?(\d{2})/.exec(text) ?? [];
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return Number.isNaN(at) ? undefined : at / 1000;
}

/** HHMMSS.FFFFFF; minutes and seconds are wanted too: an hour alone says too little. */
function timeOfDay(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d{2}):?(\d{2}):?(\d{2}(?:\.\d+)?)/.exec(text ?? '') ?? [];
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const at = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return at < SECONDS_PER_DAY ? at : undefined;
}

/** DT (PS3.5 6.2) in seconds; `zoned` where it carries an offset from UTC. */
function dateTime(text: string | undefined): number | 'zoned' | undefined {
  if (text === undefined) return undefined;
  if (/[+-]\d{4}\s*$/.test(text)) return 'zoned';
  const day = dayOf(text);
  const time = timeOfDay(text.slice(8));
  return day === undefined || time === undefined ? undefined : day + time;
}
