// The desktop shell's bridge where there is one.
import type { DesktopBridge } from '#shared/contract/bridge.ts';

declare global {
  interface Window {
    desktop?: DesktopBridge;
  }
}

/** Undefined in the browser shell. */
export const desktop = (): DesktopBridge | undefined => window.desktop;
