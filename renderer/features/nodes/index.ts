// Other systems: their settings, the receiver and its rules, and the choice of a node for a transfer. The sections of the settings
// come when they are asked for: the study browser's start does not wait for their forms and schemas.
import { lazy } from 'react';
import './nodes.css';

export { NetworkMark } from './NetworkMark.tsx';
export { networkStore } from './network-store.ts';
export { isUnprotected, UNPROTECTED_WORDS } from './node-words.ts';
export { TransferPanel, type Transfer } from './TransferPanel.tsx';

export const NodesSection = lazy(async () => ({ default: (await import('./NodesSection.tsx')).NodesSection }));
export const ReceiverSection = lazy(async () => ({ default: (await import('./ReceiverSection.tsx')).ReceiverSection }));
export const RoutingSection = lazy(async () => ({ default: (await import('./RoutingSection.tsx')).RoutingSection }));
export const PriorsSection = lazy(async () => ({ default: (await import('./PriorsSection.tsx')).PriorsSection }));
