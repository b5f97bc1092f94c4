import { make, setAttributes, setText } from './dom.js';
import type { Texts } from './texts.js';

export interface ZoneOptions {
  accept: string;
  isMultiple: boolean;
  isDisabled: boolean;
  /** The name of the whole, for people who do not see it. */
  label: string;
}

/** Where files are chosen, photographed, dropped and pasted. */
export class DropZone {
  readonly choose = make('button', { type: 'button', class: 'main', part: 'button' });
  readonly element: HTMLElement;

  private readonly hint = make('span');
  private readonly camera = make('button', { type: 'button', class: 'camera', part: 'button camera' });
  private readonly input = make('input', { type: 'file', hidden: true, tabindex: '-1' });
  private readonly photo = make('input', { type: 'file', hidden: true, capture: 'environment', accept: 'image/*' });

  constructor(private readonly add: (files: Iterable<File>) => void) {
    const hint = make('p', { class: 'hint', part: 'hint' }, this.hint, ' ', make('slot', { name: 'hint' }));
    this.element = make('div', { class: 'drop', part: 'drop', role: 'group' });
    this.element.append(this.choose, this.camera, hint, this.input, this.photo);
    for (const [button, input] of [[this.choose, this.input], [this.camera, this.photo]] as const) {
      button.addEventListener('click', () => input.click());
      input.addEventListener('change', () => this.take(input));
    }
  }

  /** Listen to what is dropped on an element, and to what is pasted while the focus is in it. */
  listen(host: HTMLElement): void {
    host.addEventListener('paste', (event) => this.receive(event, event.clipboardData));
    host.addEventListener('drop', (event) => this.receive(event, event.dataTransfer));
    host.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      this.element.classList.add('over');
    });
    for (const end of ['dragleave', 'drop'] as const) {
      host.addEventListener(end, () => this.element.classList.remove('over'));
    }
  }

  show(texts: Texts, { accept, isMultiple, isDisabled, label }: ZoneOptions): void {
    setText(this.choose, isMultiple ? texts.chooseFiles : texts.chooseFile);
    setText(this.camera, texts.takePhoto);
    setText(this.hint, isMultiple ? texts.dropFiles : texts.dropFile);
    setAttributes(this.element, { 'aria-label': label });
    setAttributes(this.input, { accept, multiple: isMultiple });
    for (const button of [this.choose, this.camera]) setAttributes(button, { disabled: isDisabled });
  }

  private receive(event: Event, transfer: DataTransfer | null): void {
    // Text that is pasted into a description has no files.
    if (!transfer?.files.length) return;
    event.preventDefault();
    this.add(transfer.files);
  }

  private take(input: HTMLInputElement): void {
    this.add(input.files ?? []);
    // So that the same file can be chosen again.
    input.value = '';
  }
}
