import { UploadsError, type Upload, type UploadsClient } from 'open-event-uploads';
import { useState, type SubmitEvent } from 'react';

interface Props {
  client: UploadsClient;
  onUploaded: (upload: Upload) => void;
}

export function UploadForm({ client, onUploaded }: Props) {
  const [percent, setPercent] = useState<number | null>(null);
  const [error, setError] = useState<UploadsError | null>(null);

  async function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setError(null);
    setPercent(0);
    try {
      // It goes on by itself after the connection was lost.
      const upload = await client.upload(fields.get('file') as File, {
        attributes: { alt: fields.get('alt') as string },
        onProgress: ({ sent, total }) => setPercent(Math.round((100 * sent) / total)),
      });
      form.reset();
      onUploaded(upload);
    } catch (reason) {
      if (!(reason instanceof UploadsError)) throw reason;
      setError(reason);
    } finally {
      setPercent(null);
    }
  }

  const aboutFile = error?.at('data') ?? [];
  const aboutAlt = error?.at('alt') ?? [];
  const isAboutAField = aboutFile.length + aboutAlt.length > 0;
  return (
    <form onSubmit={send}>
      <label>
        Picture
        <input type="file" name="file" accept="image/*" required aria-describedby="about-file" />
      </label>
      <p id="about-file" className="error" role="alert">{aboutFile.join(' ')}</p>
      <label>
        What it shows
        <input name="alt" autoComplete="off" aria-describedby="about-alt" />
      </label>
      <p id="about-alt" className="error" role="alert">{aboutAlt.join(' ')}</p>
      <button disabled={percent !== null}>Upload</button>
      {percent !== null && <progress aria-label="Uploading" max={100} value={percent} />}
      {error && !isAboutAField && <p className="error" role="alert">{error.message}</p>}
    </form>
  );
}
