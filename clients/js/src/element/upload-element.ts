import { UploadsClient } from '../client.js';
import type { Token } from '../connection.js';
import type { Upload, UploadAttributes } from '../resources.js';
import { isAccepted } from './accept.js';
import { make, setText } from './dom.js';
import { DropZone } from './drop-zone.js';
import { FileList } from './file-list.js';
import { errorText } from './file-row.js';
import { FileUpload } from './file-upload.js';
import { styles } from './styles.js';
import { fill, textsFor, type Texts } from './texts.js';

const PICTURES = 'image/*';

/** `<oeu-upload>`: docs/how-to/upload-element.md describes its attributes, events and parts. */
export class UploadElement extends HTMLElement {
  static readonly formAssociated = true;
  static readonly observedAttributes = [
    'accept', 'aria-label', 'form-value', 'lang', 'multiple', 'name', 'required',
  ];

  /** Sent with every request: a token, or a function that returns one. */
  token: Token = setBefore<Token>(this, 'token') ?? null;

  private overrides = setBefore<Partial<Texts>>(this, 'texts') ?? {};
  private isDisabled = false;
  private readonly internals = this.attachInternals();
  private readonly live = make('div', { class: 'live', role: 'status' });
  private readonly zone = new DropZone((files) => this.addFiles(files));
  private readonly list = new FileList({
    texts: () => this.texts,
    isDisabled: () => this.isDisabled,
    entered: (file) => this.tell(file),
    removed: (file) => this.tellRemoval(file),
    changed: (file) => this.update(file),
    left: () => this.zone.choose.focus(),
  });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [styles()];
    root.append(this.zone.element, this.list.element, this.live);
    this.zone.listen(this);
  }

  /** What was uploaded and not removed, in the order of the list. */
  get uploads(): Upload[] {
    return this.list.files.flatMap(({ upload }) => (upload ? [upload] : []));
  }

  /** What the element says; what is set replaces the texts of its language. */
  get texts(): Texts {
    const texts = textsFor(this.closest<HTMLElement>('[lang]')?.lang ?? '');
    return { ...texts, ...this.overrides, errors: { ...texts.errors, ...this.overrides.errors } };
  }

  set texts(overrides: Partial<Texts>) {
    this.overrides = overrides;
    this.show();
  }

  get disabled(): boolean {
    return this.hasAttribute('disabled');
  }

  set disabled(isDisabled: boolean) {
    this.toggleAttribute('disabled', isDisabled);
  }

  /** Add files as if they had been chosen; without `multiple` the first one, which replaces. */
  addFiles(files: Iterable<File>): void {
    if (this.isDisabled) return;
    const isMultiple = this.hasAttribute('multiple');
    const chosen = isMultiple ? [...files] : [...files].slice(0, 1);
    // A file that cannot be uploaded replaces nothing.
    if (!isMultiple && chosen.some((file) => isAccepted(file, this.accept))) {
      for (const file of this.list.files) void this.list.remove(file);
    }
    for (const file of chosen) this.add(file);
    this.list.fillQueue();
  }

  /** Empty the list, and delete nothing that was uploaded. */
  clear(): void {
    this.list.clear();
  }

  connectedCallback(): void {
    this.show();
  }

  attributeChangedCallback(): void {
    this.show();
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.isDisabled = isDisabled;
    this.show();
  }

  formResetCallback(): void {
    this.clear();
  }

  private add(file: File): void {
    const visibility = this.getAttribute('visibility') as UploadAttributes['visibility'] | null;
    const found = new FileUpload(file, {
      client: () => this.client(),
      attributes: visibility ? { visibility } : {},
      needsAlt: this.hasAttribute('require-alt'),
      changed: (changed) => this.list.changed(changed),
    });
    if (!isAccepted(file, this.accept)) found.refuse(this.texts.notAccepted);
    this.list.add(found);
  }

  private client(): UploadsClient {
    const baseUrl = this.getAttribute('server') ?? location.origin;
    // Whatever it is then: a page renews it while a file is on its way.
    const token = () => (typeof this.token === 'function' ? this.token() : this.token);
    return new UploadsClient({ baseUrl, token });
  }

  private get accept(): string {
    return this.getAttribute('accept') ?? PICTURES;
  }

  private show(): void {
    const { texts } = this;
    this.zone.show(texts, {
      accept: this.accept,
      isMultiple: this.hasAttribute('multiple'),
      isDisabled: this.isDisabled,
      label: this.getAttribute('aria-label') ?? labelText(this.internals) ?? texts.label,
    });
    this.list.show();
    this.update(null);
  }

  /** Tell the form what there is, and what is missing. */
  private update(file: FileUpload | null): void {
    if (file?.state === 'sending') this.emit('oeu-progress', { file: file.file, ...file.progress });
    if (file?.saving === 'saved') this.announce(this.texts.descriptionSaved);
    this.internals.setFormValue(this.formValue());
    const isUnfinished = this.uploads.length < this.list.files.length;
    const isMissing = this.hasAttribute('required') && this.list.files.length === 0;
    const { stillSending, fileMissing } = this.texts;
    const problem = isUnfinished ? stillSending : isMissing ? fileMissing : '';
    const flags = { customError: isUnfinished, valueMissing: isMissing };
    this.internals.setValidity(flags, problem, problem ? this.zone.choose : undefined);
  }

  private formValue(): FormData | null {
    const name = this.getAttribute('name');
    if (!name) return null;
    const isUrl = this.getAttribute('form-value') === 'url';
    const entries = new FormData();
    for (const { id, url } of this.uploads) entries.append(name, (isUrl ? url : id) ?? '');
    return entries;
  }

  private tell(file: FileUpload): void {
    const { name } = file.file;
    if (file.state === 'uploaded') {
      this.emit('oeu-uploaded', { file: file.file, upload: file.upload });
      const counts = { done: this.uploads.length, total: this.list.files.length };
      this.announce(fill(this.texts.uploadedSome, counts));
    } else if (file.state === 'failed') {
      this.emit('oeu-error', { file: file.file, error: file.error });
      this.announce(fill(this.texts.failed, { name, reason: errorText(file.error, this.texts) }));
    }
  }

  private tellRemoval({ file, upload }: FileUpload): void {
    this.emit('oeu-removed', { file, upload });
    this.announce(fill(this.texts.removed, { name: file.name }));
  }

  private announce(text: string): void {
    setText(this.live, text);
  }

  private emit(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** Take over a property that a page set before the element was defined. */
function setBefore<Value>(element: HTMLElement, name: string): Value | undefined {
  const own = Object.getOwnPropertyDescriptor(element, name);
  delete (element as unknown as Record<string, unknown>)[name];
  return own?.value;
}

function labelText({ labels }: ElementInternals): string | null {
  const text = Array.from(labels, (label) => label.textContent?.trim() ?? '').join(' ');
  return text || null;
}
