import Component from '@glimmer/component';
import { tracked } from '@glimmer/tracking';
import { on } from '@ember/modifier';
import { service } from '@ember/service';
import { explain } from '../explain';

export default class SignInTemplate extends Component {
  @service server;

  @tracked problem = '';

  signIn = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    this.problem = '';
    try {
      await this.server.signIn(email, password);
    } catch (error) {
      this.problem = explain(error);
    }
  };

  <template>
    <form class="panel" {{on "submit" this.signIn}}>
      <label>Email
        <input
          type="email"
          name="email"
          autocomplete="username"
          required
        /></label>
      <label>Password
        <input
          type="password"
          name="password"
          autocomplete="current-password"
          required
        /></label>
      <button type="submit">Sign in</button>
      {{#if this.problem}}<p role="alert">{{this.problem}}</p>{{/if}}
    </form>
  </template>
}
