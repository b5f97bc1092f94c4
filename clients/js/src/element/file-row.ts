import { UploadsError } from '../errors.js';
import { make, setAttributes, setText } from './dom.js';
import type { FileUpload, State } from './file-upload.js';
import { fill, type Texts } from './texts.js';

export interface RowActions {
  start: () => void;
  remove: () => void;
}

// Chromium reads a picture whole into the memory of the page before it shows it.
const LARGEST_PREVIEW_BYTES = 32 * 2 ** 20;

let rows = 0;

/** How one file is shown: its picture, name, progress, error, description and buttons. */
export class FileRow {
  readonly element: HTMLLIElement;
  readonly alt = make('input', { class: 'alt', part: 'description', maxlength: '2000', autocomplete: 'off' });
  readonly remove = make('button', { type: 'button', part: 'action' });

  private readonly main = make('button', { type: 'button', part: 'action' });
  private readonly label = make('span');
  private readonly field = make('label', {}, this.label, this.alt);
  private readonly status = make('p', { class: 'status', part: 'status' });
  private readonly error = make('p', { class: 'error', part: 'error' });
  private readonly altError = make('p', { class: 'error', part: 'error' });
  private readonly progress = make('progress', { part: 'progress', max: '100' });
  private readonly preview = make('img', { class: 'preview', part: 'preview', alt: '' });

  constructor(
    private readonly file: FileUpload,
    private readonly actions: RowActions,
  ) {
    const id = `file-${(rows += 1)}`;
    const { name } = file.file;
    this.altError.id = `${id}-error`;
    this.alt.setAttribute('aria-describedby', this.altError.id);
    const facts = make(
      'div',
      { class: 'facts' },
      make('p', { class: 'name', part: 'name', id }, name),
      this.progress,
      this.status,
      this.error,
      this.field,
      this.altError,
      make('div', { class: 'actions' }, this.main, this.remove),
    );
    this.element = make('li', { part: 'file', 'aria-labelledby': id }, facts);
    if (file.file.size <= LARGEST_PREVIEW_BYTES) this.addPreview();
    this.alt.addEventListener('change', () => void file.describe(this.alt.value.trim()));
    this.alt.addEventListener('keydown', (event) => this.pressed(event));
    this.main.addEventListener('click', () => this.act());
    this.remove.addEventListener('click', () => actions.remove());
  }

  get shownState(): string | undefined {
    return this.element.dataset['state'];
  }

  /** Show the file as it is now. */
  show(texts: Texts, isDisabled: boolean): void {
    const { file } = this;
    const { name } = file.file;
    const action = mainAction(file, texts);
    const label = (text: string) => fill(texts.actionOn, { action: text, name });
    setAttributes(this.element, { 'data-state': file.state });
    setText(this.label, texts.description);
    setAttributes(this.alt, { placeholder: texts.descriptionHint, disabled: isDisabled });
    setText(this.status, statusText(file, texts));
    this.showErrors(texts);
    setAttributes(this.field, { hidden: file.state === 'failed' && !file.canRetry });
    const isSending = file.state === 'sending' || file.state === 'paused';
    setAttributes(this.progress, { hidden: !isSending, 'aria-label': label(texts.upload) });
    this.progress.value = file.percent;
    setText(this.main, action);
    setAttributes(this.main, { hidden: !action, 'aria-label': label(action), disabled: isDisabled });
    const removal = isSending ? texts.cancel : texts.remove;
    setText(this.remove, removal);
    setAttributes(this.remove, { 'aria-label': label(removal), disabled: isDisabled });
  }

  dispose(): void {
    URL.revokeObjectURL(this.preview.src);
    this.element.remove();
  }

  private addPreview(): void {
    // Not every file is a picture that this browser can show.
    this.preview.addEventListener('error', () => this.preview.remove());
    this.preview.src = URL.createObjectURL(this.file.file);
    this.element.prepend(this.preview);
  }

  private showErrors(texts: Texts): void {
    const { error, altError } = this.file;
    showReason(this.error, error, texts);
    showReason(this.altError, altError, texts);
    setAttributes(this.alt, { 'aria-invalid': altError === null ? null : 'true' });
  }

  private act(): void {
    const { file } = this;
    if (file.state === 'sending') file.pause();
    else if (file.state === 'paused') file.resume();
    else this.actions.start();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    // It must not send the form that the element may stand in.
    event.preventDefault();
    void this.file.describe(this.alt.value.trim());
    if (this.file.state === 'undescribed') this.actions.start();
  }
}

function mainAction({ state, canRetry }: FileUpload, texts: Texts): string {
  const actions: Record<State, string> = {
    undescribed: texts.upload,
    queued: '',
    sending: texts.pause,
    paused: texts.resume,
    uploaded: '',
    failed: canRetry ? texts.retry : '',
  };
  return actions[state];
}

function statusText({ state, percent, saving }: FileUpload, texts: Texts): string {
  const uploaded = {
    no: texts.uploaded,
    saving: texts.descriptionSaving,
    saved: texts.descriptionSaved,
  };
  const found: Record<State, string> = {
    undescribed: '',
    queued: texts.waiting,
    sending: fill(texts.sending, { percent }),
    paused: fill(texts.paused, { percent }),
    uploaded: uploaded[saving],
    failed: '',
  };
  return found[state];
}

function showReason(element: HTMLElement, error: unknown, texts: Texts): void {
  setText(element, error === null ? '' : errorText(error, texts));
  setAttributes(element, { hidden: error === null });
}

/** Return what is wrong in words: those of the texts for its code, else the server's. */
export function errorText(error: unknown, texts: Texts): string {
  if (error instanceof UploadsError) {
    return Object.hasOwn(texts.errors, error.code) ? texts.errors[error.code]! : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
