// What an empty archive shows: how studies come in.
import { backend } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { useImporter } from './ImportArea.tsx';

interface StartPageProps {
  store: ArchiveStore;
  isBusy: boolean;
  onSettings(): void;
  onSearch(): void;
}

export function StartPage({ store, isBusy, onSettings, onSearch }: StartPageProps) {
  const { pickFolder, pickFiles } = useImporter();
  const ways: readonly { label: string; text: string; run(): void; isDisabled?: boolean }[] = [
    {
      label: 'Import a folder',
      text: 'A folder, a disc or a stick. A DICOMDIR on it is compared with what is really there.',
      run: pickFolder,
    },
    {
      label: 'Search other systems',
      text: 'A PACS or another DICOM system: set it up once, then search it and retrieve.',
      run: onSearch,
    },
    { label: 'Import files', text: 'DICOM files or ZIP files, also with a password.', run: pickFiles },
    { label: 'Set a watch folder', text: 'What is put there comes in by itself.', run: onSettings },
    {
      label: 'Add synthetic demo studies',
      text: 'CT with a prior, MR, X-ray, ultrasound, PET/CT; drawn by Lectern, of nobody.',
      run: () => void store.attempt(() => backend.addDemo()),
      isDisabled: isBusy,
    },
  ];
  return (
    <div className="center-page">
      <div className="card start">
        <h1>{isBusy ? 'The first studies are on their way' : 'The archive is empty'}</h1>
        <p>
          Drop a folder, a disc, files or a ZIP file anywhere on this window. Sources are only read; what comes in is
          kept encrypted on this machine and can be read without a network.
        </p>
        <ul>
          {ways.map(({ label, text, run, isDisabled }, index) => (
            <li key={label}>
              <button
                type="button"
                className={index === 0 ? 'primary' : ''}
                disabled={isDisabled === true}
                onClick={run}
              >
                {label}
              </button>
              <span className="quiet">{text}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
