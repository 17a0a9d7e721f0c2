// Jobs: their progress at the foot of the browser, their reports.
export { JobsFoot } from './JobsFoot.tsx';
