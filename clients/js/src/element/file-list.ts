import { make } from './dom.js';
import { FileRow } from './file-row.js';
import type { FileUpload } from './file-upload.js';
import type { Texts } from './texts.js';

// Files that are sent at the same time.
const AT_ONCE = 3;

export interface ListListener {
  texts: () => Texts;
  isDisabled: () => boolean;
  /** A file has another state than before. */
  entered: (file: FileUpload) => void;
  removed: (file: FileUpload) => void;
  /** Anything is different. */
  changed: (file: FileUpload | null) => void;
  /** The list is empty, and the focus was in it. */
  left: () => void;
}

/** The files of an element: it sends a few at a time, and shows each in a row. */
export class FileList {
  readonly element = make('ul', { part: 'list', role: 'list' });

  private readonly rows = new Map<FileUpload, FileRow>();

  constructor(private readonly listener: ListListener) {}

  get files(): FileUpload[] {
    return [...this.rows.keys()];
  }

  add(file: FileUpload): void {
    const row = new FileRow(file, {
      start: () => this.start(file),
      remove: () => void this.remove(file),
    });
    this.rows.set(file, row);
    this.element.append(row.element);
    this.changed(file);
  }

  /** Send queued files, as long as few are being sent. */
  fillQueue(): void {
    let free = AT_ONCE - this.files.filter(({ state }) => state === 'sending').length;
    for (const file of this.files) {
      if (file.state !== 'queued' || free <= 0) continue;
      free -= 1;
      void file.send().then(() => this.fillQueue());
    }
  }

  /** Give a file up, or delete what was made of it. */
  async remove(file: FileUpload): Promise<void> {
    if (!(await file.remove())) return;
    this.forget(file);
    this.listener.removed(file);
    this.fillQueue();
  }

  /** Empty the list, and delete nothing that was uploaded. */
  clear(): void {
    for (const file of this.files) {
      if (!file.upload) void file.remove();
      this.rows.get(file)?.dispose();
    }
    this.rows.clear();
    this.listener.changed(null);
  }

  show(): void {
    this.element.setAttribute('aria-label', this.listener.texts().list);
    for (const row of this.rows.values()) this.draw(row);
  }

  changed(file: FileUpload): void {
    const row = this.rows.get(file);
    if (!row) return;
    const before = row.shownState;
    this.draw(row);
    if (file.state !== before) this.listener.entered(file);
    this.listener.changed(file);
  }

  private draw(row: FileRow): void {
    row.show(this.listener.texts(), this.listener.isDisabled());
  }

  private start(file: FileUpload): void {
    if (file.state === 'undescribed' && !file.alt) {
      file.altError = new Error(this.listener.texts().descriptionMissing);
      this.changed(file);
      this.rows.get(file)?.alt.focus();
      return;
    }
    file.queue();
    this.fillQueue();
  }

  /** Remove a row, and move the focus from it to its neighbour. */
  private forget(file: FileUpload): void {
    const row = this.rows.get(file);
    if (!row) return;
    const { nextElementSibling, previousElementSibling } = row.element;
    const hadFocus = row.element.matches(':focus-within');
    row.dispose();
    this.rows.delete(file);
    const neighbour = nextElementSibling ?? previousElementSibling;
    if (hadFocus && neighbour) this.rowOf(neighbour)?.remove.focus();
    else if (hadFocus) this.listener.left();
    this.listener.changed(null);
  }

  private rowOf(element: Element): FileRow | undefined {
    return [...this.rows.values()].find((row) => row.element === element);
  }
}
