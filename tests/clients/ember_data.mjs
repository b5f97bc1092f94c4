// An Ember application with classic models and Ember Data's stock JSON:API adapter and serializer.
import Application from '@ember/application';
import { InvalidError } from '@ember-data/adapter/error';
import JSONAPIAdapter from '@ember-data/adapter/json-api';
import JSONAPICache from '@ember-data/json-api';
import Model, { attr, belongsTo, hasMany } from '@ember-data/model';
import JSONAPISerializer from '@ember-data/serializer/json-api';
import { DateTransform, NumberTransform, StringTransform } from '@ember-data/serializer/transform';
import '@warp-drive/ember/install';
import { useLegacyStore } from '@warp-drive/legacy';

import { host, page, picture, shown, step, token } from './steps.mjs';

const modules = {
  'service:store': useLegacyStore({ linksMode: false, legacyRequests: true, cache: JSONAPICache }),
  'adapter:application': JSONAPIAdapter.extend({
    host,
    namespace: 'v1',
    headers: { Authorization: `Bearer ${token}` },
  }),
  'serializer:application': JSONAPISerializer.extend(),
  'transform:date': DateTransform,
  'transform:number': NumberTransform,
  'transform:string': StringTransform,
  'model:upload': Model.extend({
    data: attr('string'),
    filename: attr('string'),
    alt: attr('string'),
    url: attr('string'),
    mediaType: attr('string'),
    size: attr('number'),
    createdAt: attr('date'),
    expiresAt: attr('date'),
    variants: hasMany('variant', { async: true, inverse: 'upload' }),
    owner: belongsTo('user', { async: true, inverse: null }),
  }),
  'model:variant': Model.extend({
    name: attr('string'),
    url: attr('string'),
    width: attr('number'),
    height: attr('number'),
    mediaType: attr('string'),
    upload: belongsTo('upload', { async: true, inverse: 'variants' }),
  }),
  'model:user': Model.extend({ name: attr('string') }),
};
const Resolver = { create: () => ({ resolve: (name) => modules[name] }) };
const application = Application.create({ autoboot: false, Resolver });
await application.boot();
const instance = application.buildInstance();
await instance.boot({ isBrowser: false, shouldRender: false });
const store = instance.lookup('service:store');

const upload = store.createRecord('upload', { filename: 'one.png', alt: 'One', data: picture });
await step('create', async () => {
  await upload.save();
  const { id, filename, alt, url, mediaType, size, createdAt } = upload;
  return { id, filename, alt, url, mediaType, size, createdAt, shown: await shown(url) };
});

await step('pages', async () => {
  for (const alt of ['Two', 'Three', 'Four', 'Five']) {
    await store.createRecord('upload', { alt, data: picture }).save();
  }
  const pages = [];
  let query = { sort: 'created-at', page: { size: 2 } };
  while (query) {
    const found = await store.query('upload', query);
    pages.push(found.map((each) => each.alt));
    query = found.links.next && Object.fromEntries(new URL(found.links.next).searchParams);
  }
  return pages;
});

await step('include', async () => {
  store.unloadAll();
  const found = await store.findRecord('upload', upload.id, { include: 'variants,owner' });
  const variants = found.hasMany('variants').value().map((each) => {
    const { id, name, url, width, height, mediaType } = each;
    return { id, name, url, width, height, mediaType };
  });
  return { variants, owner: found.belongsTo('owner').value()?.name };
});

await step('related', async () => {
  store.unloadAll();
  const found = await store.findRecord('upload', upload.id);
  const variants = await found.variants;
  return { variants: variants.map((each) => each.id), owner: (await found.owner)?.name };
});

// The two steps after this one go on with its record, of which they know no more than two fields.
let sparse;
await step('sparse', async () => {
  store.unloadAll();
  const found = await store.query('upload', {
    fields: { uploads: 'filename,url' },
    filter: { filename: 'one.png' },
  });
  sparse = found[0];
  return { filename: sparse.filename, url: sparse.url, alt: sparse.alt, size: sparse.size };
});

await step('patch', async () => {
  sparse.alt = 'Changed';
  await sparse.save();
  const { id, filename, alt, url, size } = sparse;
  return { id, filename, alt, url, size };
});

await step('delete', async () => {
  await sparse.destroyRecord();
  const { isDeleted, isSaving } = sparse;
  return { isDeleted, isSaving };
});

await step('refuse', async () => {
  const refused = store.createRecord('upload', { filename: 'page.gif', data: page });
  const reason = await refused.save().catch((error) => error);
  const { isValid, errors } = refused;
  return {
    invalid: reason instanceof InvalidError,
    isValid,
    attributes: errors.map((each) => each.attribute),
    messages: errors.errorsFor('data').map((each) => each.message),
  };
});

await step('claim', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000);
  const kept = store.createRecord('upload', { alt: 'Draft', data: picture, expiresAt });
  await kept.save();
  const before = kept.expiresAt;
  kept.expiresAt = null;
  await kept.save();
  return { wished: expiresAt, before, after: kept.expiresAt, shown: await shown(kept.url) };
});
