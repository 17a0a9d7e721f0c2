// Jobs: their progress at the foot of the browser, their reports.
import './jobs.css';
export { JobsFoot } from './JobsFoot.tsx';
