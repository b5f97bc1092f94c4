import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { query } from '@warp-drive/legacy/compat/builders';
import { explain } from '../explain';
import DeleteDialog from './delete-dialog';
import UploadCard from './upload-card';
import UploadForm from './upload-form';

export default class Gallery extends Component {
  @service store;

  @tracked added = [];
  @tracked morePages = [];
  @tracked doomed = null;
  @tracked status = '';
  @tracked problem = '';

  get pages() {
    return [this.args.firstPage, ...this.morePages];
  }

  get uploads() {
    const all = [...this.added, ...this.pages.flatMap((page) => [...page])];
    return all.filter((each) => !each.isDeleted);
  }

  get next() {
    return this.pages.at(-1).links.next;
  }

  showMore = async ({ target }) => {
    this.problem = '';
    try {
      const parameters = Object.fromEntries(new URL(this.next).searchParams);
      const { content } = await this.store.request(query('upload', parameters));
      const list = target.closest('section').querySelector('ul');
      const shown = list.children.length;
      this.morePages = [...this.morePages, content];
      this.status = `${content.length} more pictures.`;
      // For the keyboard: what was asked for comes next, also if the button is gone.
      requestAnimationFrame(() =>
        list.children[shown]?.querySelector('a').focus(),
      );
    } catch (error) {
      this.problem = explain(error);
    }
  };

  add = (upload) => {
    this.added = [upload, ...this.added];
    this.status = `${upload.filename} is uploaded.`;
  };

  saved = (upload) => {
    this.status = `The alt text of ${upload.filename} is saved.`;
  };

  askToDelete = (upload) => {
    this.doomed = upload;
  };

  keep = () => {
    this.doomed = null;
  };

  deleted = (upload) => {
    this.status = `${upload.filename} is deleted.`;
    document.querySelector('h1').focus();
  };

  <template>
    <UploadForm @onUpload={{this.add}} />
    <p role="status">{{this.status}}</p>
    <section aria-label="Pictures">
      <ul>
        {{#each this.uploads as |upload|}}
          <UploadCard
            @upload={{upload}}
            @onSave={{this.saved}}
            @onDelete={{this.askToDelete}}
          />
        {{else}}
          <li class="empty">There are no pictures yet.</li>
        {{/each}}
      </ul>
      {{#if this.next}}
        <button type="button" {{on "click" this.showMore}}>Show more</button>
      {{/if}}
      {{#if this.problem}}<p role="alert">{{this.problem}}</p>{{/if}}
    </section>
    {{#if this.doomed}}
      <DeleteDialog
        @upload={{this.doomed}}
        @onDelete={{this.deleted}}
        @onClose={{this.keep}}
      />
    {{/if}}
  </template>
}
