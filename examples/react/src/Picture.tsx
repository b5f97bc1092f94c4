import { UploadsError, type Upload, type UploadsClient } from 'open-event-uploads';
import { useState } from 'react';
import { thumbHashToDataURL } from 'thumbhash';

// The widths in style.css, so that the browser can choose a size before it has them.
const SIZES = '(min-width: 60rem) 18rem, (min-width: 40rem) 45vw, 95vw';

export function Picture({ client, upload: loaded }: { client: UploadsClient; upload: Upload }) {
  const [upload, setUpload] = useState(loaded);
  const [isShown, setIsShown] = useState(false);
  const [error, setError] = useState('');

  async function saveAlt(alt: string) {
    if (alt === upload.alt) return;
    try {
      setUpload(await client.update(upload.id, { alt }));
      setError('');
    } catch (reason) {
      if (!(reason instanceof UploadsError)) throw reason;
      setError(reason.message);
    }
  }

  const { id, url, width, height } = upload;
  return (
    <li>
      <img
        loading="lazy"
        sizes={SIZES}
        srcSet={srcset(upload)}
        src={url ?? ''}
        width={width ?? undefined}
        height={height ?? undefined}
        alt={upload.alt}
        style={isShown ? {} : { background: placeholder(upload) }}
        onLoad={() => setIsShown(true)}
      />
      <label>
        What it shows
        <input
          defaultValue={upload.alt}
          maxLength={2000}
          aria-describedby={`about-${id}`}
          aria-invalid={error !== ''}
          onBlur={(event) => void saveAlt(event.target.value.trim())}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      </label>
      <p id={`about-${id}`} className="error" role="alert">{error}</p>
    </li>
  );
}

/** Return every width of the whole picture once: neither of those that are cropped nor padded. */
function srcset({ url, width, height, variants }: Upload): string {
  if (!url || !width || !height) return '';
  const isWhole = (variant: { width: number; height: number }) =>
    Math.abs(variant.width * height - variant.height * width) <= Math.max(width, height);
  const byWidth = new Map(variants.filter(isWhole).map((each) => [each.width, each.url]));
  return Array.from(byWidth, ([pixels, address]) => `${address} ${pixels}w`).join(', ');
}

/** Return what stands in its place while a picture loads: a blurred one, or its colour. */
function placeholder({ placeholder: hash, color }: Upload): string {
  if (!hash) return color ?? '';
  const bytes = Uint8Array.from(atob(hash), (character) => character.charCodeAt(0));
  return `center / 100% 100% url(${thumbHashToDataURL(bytes)})`;
}
