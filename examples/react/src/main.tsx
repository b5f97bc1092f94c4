import { UploadsClient } from 'open-event-uploads';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Gallery } from './Gallery';
import './style.css';

// http://127.0.0.1:5173/?server=https://uploads.example.org#token=oeu_…
// Browsers send nothing after `#` to a server.
const baseUrl = new URLSearchParams(location.search).get('server') ?? 'http://127.0.0.1:8000';
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const client = new UploadsClient({ baseUrl, token });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Gallery client={client} />
  </StrictMode>,
);
