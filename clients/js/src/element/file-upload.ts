import type { UploadsClient } from '../client.js';
import { UploadsError } from '../errors.js';
import type { Upload, UploadAttributes } from '../resources.js';
import type { Progress, UploadTask } from '../task.js';

export type State = 'undescribed' | 'queued' | 'sending' | 'paused' | 'uploaded' | 'failed';

// What another attempt with the same bytes cannot change.
const FINAL = new Set([400, 413, 422]);

export interface FileContext {
  client: () => UploadsClient;
  attributes: UploadAttributes;
  /** Whether it is sent with a description, or not at all. */
  needsAlt: boolean;
  changed: (file: FileUpload) => void;
}

/** One file from its choice to the upload that is made of it; `changed` is told of every step. */
export class FileUpload {
  state: State;
  progress: Progress;
  /** Why it is not uploaded, or not removed. */
  error: unknown = null;
  /** Why the description is not saved. */
  altError: unknown = null;
  upload: Upload | null = null;
  alt = '';
  /** Of the description, once the file is uploaded. */
  saving: 'no' | 'saving' | 'saved' = 'no';

  private task: UploadTask | null = null;
  private isRemoved = false;

  constructor(
    readonly file: File,
    private readonly context: FileContext,
  ) {
    this.state = context.needsAlt ? 'undescribed' : 'queued';
    this.progress = { sent: 0, total: file.size };
  }

  get percent(): number {
    const { sent, total } = this.progress;
    return total === 0 ? 0 : Math.floor((100 * sent) / total);
  }

  get canRetry(): boolean {
    return this.error instanceof UploadsError && !FINAL.has(this.error.status);
  }

  refuse(reason: string): void {
    this.error = new Error(reason);
    this.become('failed');
  }

  queue(): void {
    this.error = null;
    this.become('queued');
  }

  async send(): Promise<void> {
    const { alt } = this;
    this.task = this.context.client().startUpload(this.file, {
      attributes: { ...this.context.attributes, ...(alt ? { alt } : {}) },
      onProgress: (progress) => {
        this.progress = progress;
        if (this.state === 'sending') this.context.changed(this);
      },
    });
    this.become('sending');
    try {
      this.upload = await this.task.result;
    } catch (error) {
      if (this.isRemoved) return;
      this.error = error;
      this.become('failed');
      return;
    }
    this.become('uploaded');
    if (this.alt !== alt) await this.saveAlt();
  }

  pause(): void {
    this.task?.pause();
    this.become('paused');
  }

  resume(): void {
    this.become('sending');
    this.task?.resume();
  }

  /** Take note of the description, and save it if the file is there already. */
  async describe(alt: string): Promise<void> {
    if (alt === this.alt && this.altError === null) return;
    this.alt = alt;
    this.altError = null;
    if (this.state === 'uploaded') await this.saveAlt();
    else this.context.changed(this);
  }

  /** Stop sending, or delete what was sent; tell whether this call has done it. */
  async remove(): Promise<boolean> {
    // Somebody may press twice.
    if (this.isRemoved) return false;
    this.isRemoved = true;
    if (!this.upload) {
      this.task?.cancel();
      return true;
    }
    try {
      await this.context.client().delete(this.upload.id);
    } catch (error) {
      const isGone = error instanceof UploadsError && error.status === 404;
      if (isGone) return true;
      this.isRemoved = false;
      this.error = error;
      this.context.changed(this);
      return false;
    }
    return true;
  }

  /** Save the description; one that is written meanwhile is saved after it. */
  private async saveAlt(): Promise<void> {
    if (this.saving === 'saving') return;
    this.saving = 'saving';
    this.context.changed(this);
    try {
      let saved: string;
      do {
        saved = this.alt;
        this.upload = await this.context.client().update(this.upload!.id, { alt: saved });
      } while (saved !== this.alt);
      this.saving = 'saved';
    } catch (error) {
      this.altError = error;
      this.saving = 'no';
    }
    this.context.changed(this);
  }

  private become(state: State): void {
    this.state = state;
    this.context.changed(this);
  }
}
