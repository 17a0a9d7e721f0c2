// Jobs: their progress at the foot of the browser and beside the images, their reports.
import './jobs.css';
export { ImportNotes } from './ImportNotes.tsx';
export { JobsFoot } from './JobsFoot.tsx';
export { seenJobs } from './seen-jobs.ts';
