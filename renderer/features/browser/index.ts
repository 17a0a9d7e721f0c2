// The study browser: search, study table, series strip, import.
import './browser.css';
import './table.css';
import './series.css';
export { BrowserScreen } from './BrowserScreen.tsx';
export { ImportArea } from './ImportArea.tsx';
export { SeriesCard } from './SeriesCard.tsx';
export { showDate } from './columns.ts';
export { seriesTitle } from './series-words.ts';
