// WarpDrive with its own store, its JSON:API cache and its JSON:API request builders.
import { recordIdentifierFor, useRecommendedStore } from '@warp-drive/core';
import { setupSignals } from '@warp-drive/core/configure';
import { checkout, withDefaults } from '@warp-drive/core/reactive';
import { JSONAPICache } from '@warp-drive/json-api';
import { setBuildURLConfig } from '@warp-drive/utilities';
import {
  createRecord,
  deleteRecord,
  findRecord,
  query,
  serializePatch,
  serializeResources,
  updateRecord,
} from '@warp-drive/utilities/json-api';

import { host, page, picture, shown, step, token } from './steps.mjs';

// Signals come from the framework around the store; nothing is rendered here, so nothing listens.
setupSignals(() => ({
  createSignal: () => ({}),
  consumeSignal: () => {},
  notifySignal: () => {},
  createMemo: (_object, _key, compute) => compute,
  willSyncFlushWatchers: () => false,
}));
setBuildURLConfig({ host, namespace: 'v1' });

const fields = (...names) => names.map((name) => ({ name, kind: 'field' }));
const signedIn = {
  request({ request }, next) {
    const headers = new Headers(request.headers);
    headers.set('Authorization', `Bearer ${token}`);
    return next({ ...request, headers });
  },
};
const Store = useRecommendedStore({
  cache: JSONAPICache,
  handlers: [signedIn],
  schemas: [
    withDefaults({
      type: 'uploads',
      fields: [
        ...fields('data', 'filename', 'alt', 'url', 'media-type', 'size'),
        {
          name: 'variants',
          kind: 'hasMany',
          type: 'variants',
          options: { async: false, inverse: null, linksMode: true },
        },
        {
          name: 'owner',
          kind: 'belongsTo',
          type: 'users',
          options: { async: false, inverse: null, linksMode: true },
        },
      ],
    }),
    withDefaults({
      type: 'variants',
      fields: fields('name', 'url', 'width', 'height', 'media-type'),
    }),
    withDefaults({ type: 'users', fields: fields('name') }),
  ],
});
const store = new Store();

// The builders leave the body, and so its type, to the application.
function send(request, body) {
  request.headers.set('Content-Type', 'application/vnd.api+json');
  return store.request({ ...request, body: JSON.stringify(body) });
}

function save(record) {
  return send(createRecord(record), serializeResources(store.cache, recordIdentifierFor(record)));
}

const upload = store.createRecord('uploads', { filename: 'one.png', alt: 'One', data: picture });
await step('create', async () => {
  await save(upload);
  const { id, filename, alt, url, size } = upload;
  const mediaType = upload['media-type'];
  return { id, filename, alt, url, mediaType, size, shown: await shown(url) };
});

await step('pages', async () => {
  for (const alt of ['Two', 'Three', 'Four', 'Five']) {
    await save(store.createRecord('uploads', { alt, data: picture }));
  }
  const pages = [];
  const options = { sort: 'created-at', 'page[size]': 2 };
  let { content } = await store.request(query('uploads', options));
  while (content) {
    pages.push(content.data.map((each) => each.alt));
    content = await content.next();
  }
  return pages;
});

await step('include', async () => {
  const { content } = await store.request(
    findRecord('uploads', upload.id, { include: 'variants,owner' }),
  );
  const variants = content.data.variants.map((each) => {
    const { id, name, url, width, height } = each;
    return { id, name, url, width, height, mediaType: each['media-type'] };
  });
  return { variants, owner: content.data.owner };
});

// The two steps after this one go on with its record, of which they know no more than two fields.
let sparse;
await step('sparse', async () => {
  store.unloadAll();
  const { content } = await store.request(
    query('uploads', { 'fields[uploads]': 'filename,url', 'filter[filename]': 'one.png' }),
  );
  sparse = content.data[0];
  return { filename: sparse.filename, url: sparse.url, alt: sparse.alt, size: sparse.size };
});

await step('patch', async () => {
  const editable = await checkout(sparse);
  editable.alt = 'Changed';
  await send(
    updateRecord(editable, { patch: true }),
    serializePatch(store.cache, recordIdentifierFor(editable)),
  );
  const { id, filename, alt, url, size } = sparse;
  return { id, filename, alt, url, size };
});

await step('delete', async () => {
  store.deleteRecord(sparse);
  const { response } = await store.request(deleteRecord(sparse));
  return { status: response.status };
});

await step('refuse', async () => {
  const refused = store.createRecord('uploads', { filename: 'page.gif', data: page });
  const error = await save(refused).then(() => null, (reason) => reason);
  const errors = store.cache.getErrors(recordIdentifierFor(refused));
  return { status: error?.status, errors };
});
