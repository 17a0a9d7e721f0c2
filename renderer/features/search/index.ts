// The search place: other systems searched, studies retrieved and opened while they arrive.
import './search.css';
export { SearchScreen, type WantedPatient } from './SearchScreen.tsx';
