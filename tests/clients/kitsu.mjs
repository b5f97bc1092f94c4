// kitsu, which turns documents into flat objects and back.
import Kitsu from 'kitsu';

import { host, page, picture, shown, step, token } from './steps.mjs';

const api = new Kitsu({
  baseURL: `${host}/v1`,
  headers: { Authorization: `Bearer ${token}` },
});

let upload;
await step('create', async () => {
  const { data } = await api.create('uploads', {
    filename: 'one.png',
    alt: 'One',
    data: picture,
  });
  upload = data;
  const { id, filename, alt, url, size } = data;
  const mediaType = data['media-type'];
  return { id, filename, alt, url, mediaType, size, shown: await shown(url) };
});

await step('pages', async () => {
  for (const alt of ['Two', 'Three', 'Four', 'Five']) {
    await api.create('uploads', { alt, data: picture });
  }
  const pages = [];
  let found = await api.get('uploads', { params: { sort: 'created-at', page: { size: 2 } } });
  while (found) {
    pages.push(found.data.map((each) => each.alt));
    const url = found.links.next;
    found = url && (await api.request({ url, type: 'uploads' }));
  }
  return pages;
});

await step('include', async () => {
  const { data } = await api.get(`uploads/${upload.id}`, { params: { include: 'variants,owner' } });
  const variants = data.variants.data.map((each) => {
    const { id, name, url, width, height } = each;
    return { id, name, url, width, height, mediaType: each['media-type'] };
  });
  return { variants, owner: data.owner.data ?? null };
});

await step('related', async () => {
  const { data } = await api.get(`uploads/${upload.id}/variants`);
  return { variants: data.map((each) => each.id) };
});

await step('sparse', async () => {
  const { data } = await api.get(`uploads/${upload.id}`, {
    params: { fields: { uploads: 'filename,url' } },
  });
  return { filename: data.filename, url: data.url, alt: data.alt, size: data.size };
});

// kitsu keeps no record of what changed: whoever edits what was read sends all of it back.
async function edit(alt, params) {
  const { data: read } = await api.get(`uploads/${upload.id}`, { params });
  const { data } = await api.update('uploads', { ...read, alt });
  const { id, filename, url, size } = data;
  return { id, filename, alt: data.alt, url, size };
}

await step('patch', () => edit('Changed', {}));

await step('patch with variants', () => edit('Changed again', { include: 'variants,owner' }));

await step('delete', async () => {
  const { status } = await api.remove('uploads', upload.id);
  return { status };
});

await step('refuse', async () => {
  const refused = api.create('uploads', { filename: 'page.gif', data: page });
  const error = await refused.then(() => null, (reason) => reason);
  return { status: error?.response?.status, errors: error?.errors };
});
