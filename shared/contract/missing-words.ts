// What is said of instances that belong to a study and are not here: on the page, by DICOMweb and by the command line.

export interface Missing {
  /** All that are known to belong to it and are not here. */
  missingCount: number;
  /** Those of them that were stored here, and whose files are missing or damaged. */
  lostCount: number;
  /** Those of them that the retention rules removed here. */
  retiredCount: number;
}

/** In sentences; empty where nothing is missing. */
export function missingWords({ missingCount, lostCount, retiredCount }: Missing): string {
  const awaitedCount = missingCount - lostCount - retiredCount;
  return [
    ...(lostCount > 0
      ? [`${counted(lostCount)} stored here before ${be(lostCount)} lost: retrieve or import the study again.`]
      : []),
    ...(retiredCount > 0
      ? [
          `${counted(retiredCount)} of it ${retiredCount === 1 ? 'was' : 'were'} removed here by the retention rules: retrieve or import the study again.`,
        ]
      : []),
    ...(awaitedCount > 0
      ? [
          `${counted(awaitedCount)} that a node has ${be(awaitedCount)} not here yet: retrieve the study again for the rest.`,
        ]
      : []),
  ].join(' ');
}

const counted = (count: number): string => `${count} ${count === 1 ? 'instance' : 'instances'}`;
const be = (count: number): string => (count === 1 ? 'is' : 'are');
