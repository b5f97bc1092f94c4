import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // Addresses of files relative to the page, so that the built folder can stand at any path.
  base: './',
  // The origin that UPLOADS_CORS_ORIGINS names.
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
});
