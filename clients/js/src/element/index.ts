import type { UploadsError } from '../errors.js';
import type { Upload } from '../resources.js';
import type { Progress } from '../task.js';
import { UploadElement } from './upload-element.js';

export { languages, type Texts } from './texts.js';
export { UploadElement };

/** The `detail` of each event; they bubble. */
export interface UploadElementEvents {
  'oeu-uploaded': CustomEvent<{ file: File; upload: Upload }>;
  'oeu-progress': CustomEvent<{ file: File } & Progress>;
  'oeu-error': CustomEvent<{ file: File; error: UploadsError | Error }>;
  'oeu-removed': CustomEvent<{ file: File; upload: Upload | null }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'oeu-upload': UploadElement;
  }
  interface HTMLElementEventMap extends UploadElementEvents {}
}

if (!customElements.get('oeu-upload')) customElements.define('oeu-upload', UploadElement);
