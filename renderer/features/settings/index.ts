// Settings: protection, storage, watch folders, verification, audit, about.
import './settings.css';
export { SettingsScreen } from './SettingsScreen.tsx';
