// Entry of the page.
import './theme.css';
import './forced-colors.css';
import { createRoot } from 'react-dom/client';
import { keepCompositionsToThemselves } from '../ui/compositions.ts';
import { App } from './App.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';

keepCompositionsToThemselves();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <ErrorBoundary>
      <App />
    </ErrorBoundary>,
  );
}
