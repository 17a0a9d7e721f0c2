// Other systems: their settings, the receiver and its rules, and the choice of a node for a transfer.
import './nodes.css';
export { NetworkMark } from './NetworkMark.tsx';
export { networkStore } from './network-store.ts';
export { isUnprotected, placeOf, UNPROTECTED_WORDS } from './node-words.ts';
export { NodesSection } from './NodesSection.tsx';
export { ReceiverSection } from './ReceiverSection.tsx';
export { PriorsSection } from './PriorsSection.tsx';
export { RoutingSection } from './RoutingSection.tsx';
export { TransferPanel, type Transfer } from './TransferPanel.tsx';
