import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

declare global {
  interface Window {
    /** Base path from which @grafana/ui loads its icons. */
    __grafana_public_path__: string;
  }
}

window.__grafana_public_path__ = '/public/';
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
