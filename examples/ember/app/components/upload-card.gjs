import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { fn, uniqueId } from '@ember/helper';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { saveRecord } from '@warp-drive/legacy/compat/builders';
import { explain } from '../explain';
import FieldErrors from './field-errors';
import Picture from './picture';

export default class UploadCard extends Component {
  @service store;

  @tracked problem = '';

  save = async (event) => {
    event.preventDefault();
    const { upload, onSave } = this.args;
    this.problem = '';
    upload.alt = new FormData(event.target).get('alt');
    try {
      await this.store.request(saveRecord(upload));
      // Deleted meanwhile, it is not news any more that it was saved.
      if (!upload.isDeleted) onSave(upload);
    } catch (error) {
      if (!upload.errors.has('alt')) this.problem = explain(error);
    }
  };

  <template>
    <li>
      <figure>
        <Picture @upload={{@upload}} />
        <figcaption>
          <p>{{@upload.filename}}
            {{#if @upload.isPrivate}}<strong>private</strong>{{/if}}</p>
          <form {{on "submit" this.save}}>
            {{#let (uniqueId) (uniqueId) as |id errorsId|}}
              <label for={{id}}>Alt text</label>
              <textarea
                id={{id}}
                name="alt"
                rows="2"
                aria-describedby={{errorsId}}
                aria-invalid={{if @upload.errors.alt "true"}}
              >{{@upload.alt}}</textarea>
              <FieldErrors @id={{errorsId}} @errors={{@upload.errors.alt}} />
            {{/let}}
            {{#if this.problem}}<p role="alert">{{this.problem}}</p>{{/if}}
            <button
              type="submit"
              aria-label="Save the alt text of {{@upload.filename}}"
            >Save</button>
            <button
              type="button"
              class="danger"
              aria-label="Delete {{@upload.filename}}"
              {{on "click" (fn @onDelete @upload)}}
            >Delete</button>
          </form>
        </figcaption>
      </figure>
    </li>
  </template>
}
