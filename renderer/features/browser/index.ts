// The study browser: search, study table, series strip, import.
export { BrowserScreen } from './BrowserScreen.tsx';
export { SeriesCard } from './SeriesCard.tsx';
