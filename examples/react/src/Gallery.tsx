import type { Upload, UploadsClient } from 'open-event-uploads';
import { useEffect, useState } from 'react';

import { Picture } from './Picture';
import { UploadForm } from './UploadForm';

// The `url` of a private picture shows nothing without a token; `downloadLink()` makes one that does.
const PICTURES = {
  filter: {
    mediaType: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif'],
    visibility: 'public',
  },
  pageSize: 12,
};

export function Gallery({ client }: { client: UploadsClient }) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  // Where the next page begins: `undefined` before the first one, null after the last one.
  const [next, setNext] = useState<string | null>();
  const [error, setError] = useState('');

  useEffect(() => {
    let isCurrent = true;
    client.page(PICTURES).then(
      (page) => {
        if (!isCurrent) return;
        setUploads(page.uploads);
        setNext(page.next);
      },
      (reason: Error) => isCurrent && setError(reason.message),
    );
    return () => {
      isCurrent = false;
    };
  }, [client]);

  async function showMore() {
    try {
      const page = await client.page(PICTURES, next);
      setUploads((shown) => [...shown, ...page.uploads]);
      setNext(page.next);
    } catch (reason) {
      setError((reason as Error).message);
    }
  }

  return (
    <main>
      <h1>Gallery</h1>
      <UploadForm client={client} onUploaded={(upload) => setUploads((shown) => [upload, ...shown])} />
      {error && <p role="alert">{error}</p>}
      {next !== undefined && uploads.length === 0 && <p>There are no pictures yet.</p>}
      <ul aria-label="Pictures">
        {uploads.map((upload) => (
          <Picture key={upload.id} client={client} upload={upload} />
        ))}
      </ul>
      {next && <button onClick={showMore}>Show more</button>}
    </main>
  );
}
