import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { findRecord, saveRecord } from '@warp-drive/legacy/compat/builders';
import { explain } from '../explain';
import FieldErrors from './field-errors';

// In a document a file is a third longer, and is sent again from its start if the network breaks.
const SMALL_BYTES = 1024 * 1024;

export default class UploadForm extends Component {
  @service resumable;
  @service store;

  @tracked draft = null;
  @tracked problem = '';
  @tracked share = 0;
  @tracked stopping = null;

  get percent() {
    return Math.floor(this.share * 100);
  }

  send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const { file, alt, isPrivate } = Object.fromEntries(new FormData(form));
    const visibility = isPrivate ? 'private' : 'public';
    this.#discardDraft();
    this.draft = this.store.createRecord('upload', {
      filename: file.name,
      alt,
      visibility,
    });
    this.problem = '';
    this.share = 0;
    this.stopping = new AbortController();
    try {
      this.args.onUpload(await this.#upload(file));
      this.#discardDraft();
      form.reset();
    } catch (error) {
      this.#show(error);
    }
    this.stopping = null;
  };

  /** Forget the record of the form, unless it has become an upload. */
  #discardDraft() {
    const { draft } = this;
    this.draft = null;
    if (draft?.isNew) draft.unloadRecord();
  }

  stop = () => this.stopping.abort();

  willDestroy() {
    super.willDestroy();
    this.stopping?.abort();
  }

  async #upload(file) {
    const isSmall = file.size <= SMALL_BYTES;
    const id = await (isSmall
      ? this.#sendDocument(file)
      : this.#sendResumably(file));
    const { alt } = this.draft;
    // With its variants, which the answer to a new upload has no addresses of.
    const wanted = { include: 'variants', reload: true };
    const { content } = await this.store.request(
      findRecord('upload', id, wanted),
    );
    if (!isSmall) await this.#correct(content, alt);
    return content;
  }

  async #sendDocument(file) {
    const upload = this.draft;
    upload.data = await dataURI(file);
    await this.store.request(saveRecord(upload));
    const { id } = upload;
    // The server has it: it need not stay in memory, nor go with each change.
    this.store.push({
      data: { type: 'upload', id, attributes: { data: null } },
    });
    return id;
  }

  #sendResumably(file) {
    const { filename, alt, visibility } = this.draft;
    return this.resumable.send(
      file,
      { filename, alt, visibility },
      {
        onProgress: (share) => (this.share = share),
        signal: this.stopping.signal,
      },
    );
  }

  /** Save the alt text, if another one was sent when the upload began. */
  async #correct(upload, alt) {
    upload.alt = alt;
    if (upload.hasDirtyAttributes) await this.store.request(saveRecord(upload));
  }

  /** Show each error at its field. */
  #show(error) {
    const { errors } = this.draft;
    // Ember Data does so by itself; it did not send the file of a resumable upload.
    for (const { status, source, detail } of errors.length
      ? []
      : (error.errors ?? [])) {
      if (status === '422')
        errors.add(source?.pointer?.endsWith('/alt') ? 'alt' : 'data', detail);
    }
    if (this.stopping.signal.aborted) {
      this.problem =
        'Stopped. Upload the same file again to go on where it stopped.';
    } else if (!errors.length) {
      this.problem = explain(error);
    }
  }

  <template>
    <form class="panel" {{on "submit" this.send}}>
      <div>
        <label for="file">Picture</label>
        <input
          id="file"
          type="file"
          name="file"
          accept="image/*"
          required
          aria-describedby="file-errors"
        />
        <FieldErrors @id="file-errors" @errors={{this.draft.errors.data}} />
      </div>
      <div>
        <label for="alt">Alt text</label>
        <input
          id="alt"
          type="text"
          name="alt"
          autocomplete="off"
          aria-describedby="alt-errors"
          aria-invalid={{if this.draft.errors.alt "true"}}
        />
        <FieldErrors @id="alt-errors" @errors={{this.draft.errors.alt}} />
      </div>
      <label class="choice"><input type="checkbox" name="isPrivate" />
        Private</label>
      <button type="submit" disabled={{this.stopping}}>Upload</button>
      {{#if this.stopping}}
        <label class="progress">{{#if this.share}}{{this.percent}}
            % sent{{else}}Sending …{{/if}}
          <progress
            max="1"
            value={{if this.share this.share}}
          ></progress></label>
        {{#if this.share}}
          <button
            type="button"
            class="quiet"
            {{on "click" this.stop}}
          >Stop</button>
        {{/if}}
      {{/if}}
      {{#if this.problem}}<p role="alert">{{this.problem}}</p>{{/if}}
    </form>
  </template>
}

/** Read a file as a data URI. */
function dataURI(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
