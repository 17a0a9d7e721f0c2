// The viewer's settings, in a panel beside the images: keys, mouse, corner texts, windows, monitor. Every change counts at once and
// is remembered.
import { useState, useSyncExternalStore } from 'react';
import { KeySettings } from './KeySettings.tsx';
import { MonitorSettings } from './MonitorSettings.tsx';
import { DEED_NAMES, DEFAULT_MOUSE, type ButtonDeed, type WheelDeed } from './mouse-bindings.ts';
import { OverlaySettings } from './OverlaySettings.tsx';
import { PresetSettings } from './PresetSettings.tsx';
import type { ViewerSettingsStore } from './viewer-settings.ts';

export type SettingsTab = 'keys' | 'mouse' | 'text' | 'windows' | 'monitor';
const TABS: Record<SettingsTab, string> = {
  keys: 'Keys',
  mouse: 'Mouse',
  text: 'Corner text',
  windows: 'Windows',
  monitor: 'Monitor',
};

interface SettingsPanelProps {
  settings: ViewerSettingsStore;
  /** Modality of the active cell. */
  modality: string;
  openAt: SettingsTab;
  onPitch(): void;
  onClose(): void;
}

export function SettingsPanel({ settings, modality, openAt, onPitch, onClose }: SettingsPanelProps) {
  const [tab, setTab] = useState(openAt);
  return (
    <aside className="side-panel viewer-settings" aria-label="Viewer settings">
      <header>
        <h2>Viewer settings</h2>
        <button type="button" className="plain" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="tabs" role="tablist" aria-label="Settings">
        {(Object.keys(TABS) as SettingsTab[]).map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            // What is set there may have the focus instead: it comes later.
            autoFocus={each === openAt}
            id={`tab-${each}`}
            aria-selected={tab === each}
            aria-controls="viewer-settings"
            onClick={() => setTab(each)}
          >
            {TABS[each]}
          </button>
        ))}
      </div>
      <div id="viewer-settings" className="panel-body" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === 'keys' && <KeySettings settings={settings} />}
        {tab === 'mouse' && <MouseSettings settings={settings} />}
        {tab === 'text' && <OverlaySettings settings={settings} modality={modality} />}
        {tab === 'windows' && <PresetSettings settings={settings} modality={modality} />}
        {tab === 'monitor' && <MonitorSettings settings={settings} onPitch={onPitch} />}
      </div>
    </aside>
  );
}

function MouseSettings({ settings }: { settings: ViewerSettingsStore }) {
  const { mouse } = useSyncExternalStore(settings.subscribe, settings.getState);
  return (
    <>
      {(['left', 'middle', 'right'] as const).map((button) => (
        <label key={button} className="setting">
          <span>{button[0]?.toUpperCase() + button.slice(1)} button, dragged</span>
          <select
            value={mouse[button]}
            onChange={({ target }) => settings.change({ mouse: { ...mouse, [button]: target.value as ButtonDeed } })}
          >
            {Object.entries(DEED_NAMES).map(([deed, name]) => (
              <option key={deed} value={deed}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <label className="setting">
        <span>Wheel</span>
        <select
          value={mouse.wheel}
          onChange={({ target }) => settings.change({ mouse: { ...mouse, wheel: target.value as WheelDeed } })}
        >
          <option value="scroll">Scroll (with Ctrl: zoom)</option>
          <option value="zoom">Zoom (with Ctrl: scroll)</option>
        </select>
      </label>
      {!Object.values(mouse).includes('tool') && (
        <p className="warning">No button uses the chosen tool: measuring and the tool strip have no effect.</p>
      )}
      <p className="quiet">Shift with the left button always pans. A right click without moving opens the menu.</p>
      <button type="button" onClick={() => settings.change({ mouse: DEFAULT_MOUSE })}>
        Back to the defaults
      </button>
    </>
  );
}
