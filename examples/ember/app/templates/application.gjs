import Component from '@glimmer/component';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { pageTitle } from 'ember-page-title';

export default class ApplicationTemplate extends Component {
  @service server;

  signOut = () => this.server.signOut();

  <template>
    {{pageTitle "Gallery"}}
    <header>
      <h1 tabindex="-1">Gallery</h1>
      {{#if this.server.token}}
        <button type="button" class="quiet" {{on "click" this.signOut}}>Sign out</button>
      {{/if}}
    </header>
    <main>{{outlet}}</main>
  </template>
}
