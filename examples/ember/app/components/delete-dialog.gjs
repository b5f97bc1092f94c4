import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { saveRecord } from '@warp-drive/legacy/compat/builders';
import { modifier } from 'ember-modifier';
import { explain } from '../explain';

const showModal = modifier((dialog) => dialog.showModal());

export default class DeleteDialog extends Component {
  @service store;

  @tracked problem = '';

  remove = async ({ target }) => {
    const { upload, onDelete } = this.args;
    try {
      upload.deleteRecord();
      await this.store.request(saveRecord(upload));
      target.closest('dialog').close();
      onDelete(upload);
    } catch (error) {
      upload.rollbackAttributes();
      this.problem = explain(error);
    }
  };

  <template>
    <dialog
      aria-labelledby="delete-question"
      {{showModal}}
      {{on "close" @onClose}}
    >
      <p id="delete-question">Delete {{@upload.filename}} for good?</p>
      {{#if this.problem}}<p role="alert">{{this.problem}}</p>{{/if}}
      <form method="dialog">
        <button type="submit" class="quiet">Keep</button>
        <button
          type="button"
          class="danger"
          {{on "click" this.remove}}
        >Delete</button>
      </form>
    </dialog>
  </template>
}
