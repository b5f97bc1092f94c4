// The client of this project, `clients/js`, as it is built.
import { subscribe } from 'node:diagnostics_channel';
import { openAsBlob } from 'node:fs';
import { createServer } from 'node:http';

import { UploadsClient, UploadsError } from '../../clients/js/dist/index.js';
import { folder, host, page, picture, shown, step, stranger, token } from './steps.mjs';

const client = new UploadsClient({ baseUrl: `${host}/`, token: async () => token });
const bytes = Buffer.from(picture.split(',')[1], 'base64');

// Everything that an error tells, of an action that must fail.
async function refused(act) {
  const error = await act().then(() => null, (reason) => reason);
  if (!(error instanceof UploadsError)) throw error ?? new Error('It did not fail.');
  const { status, code, message, errors } = error;
  return { status, code, message, errors, at: { data: error.at('data'), expiresAt: error.at('expiresAt') } };
}

async function collected(uploads) {
  const found = [];
  for await (const { alt } of uploads) found.push(alt);
  return found;
}

const one = await client.upload(new File([bytes], 'one.png'), { attributes: { alt: 'One' } });
await step('upload', () => one);
await step('shown', async () => ({
  picture: await shown(one.url),
  variant: (await shown(one.variants[0].url)).split(';')[0],
}));
await step('get', () => client.get(one.id));

await step('ways', async () => {
  const noise = await openAsBlob(`${folder}/noise.jpg`);
  const small = { chunkSize: Math.floor(noise.size / 3) };
  const uploads = [
    await client.upload(noise),
    await new UploadsClient({ baseUrl: host, token, ...small }).upload(noise),
    await client.upload(new Uint8Array(await noise.arrayBuffer())),
  ];
  return uploads.map(({ checksum }) => checksum);
});

await step('progress', async () => {
  const seen = [];
  const noise = await openAsBlob(`${folder}/noise.jpg`);
  await client.upload(noise, { onProgress: ({ sent, total }) => seen.push([sent, total]) });
  return { seen, size: noise.size };
});

await step('private', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const attributes = { alt: 'Plan', filename: 'plan, final.png', visibility: 'private', expiresAt };
  const upload = await client.upload(bytes, { attributes });
  const link = await client.downloadLink(upload.id, { expiresIn: 60 });
  const opened = await fetch(link.url);
  const variant = await fetch(Object.values(link.variants)[0]);
  return {
    upload,
    wished: expiresAt,
    unsigned: (await fetch(upload.url)).status,
    length: (await opened.arrayBuffer()).byteLength,
    variant: variant.status,
    link,
  };
});

await step('paused', async () => {
  const noise = await openAsBlob(`${folder}/noise.jpg`);
  let atPause = null;
  const task = client.startUpload(noise, {
    chunkSize: Math.floor(noise.size / 8) + 1,
    onProgress: ({ sent }) => {
      if (sent === 0 || atPause !== null) return;
      atPause = sent;
      task.pause();
      setTimeout(() => task.resume(), 500);
    },
  });
  return { checksum: (await task.result).checksum, atPause, size: noise.size };
});

await step('paused before it began', async () => {
  const task = client.startUpload(bytes, { attributes: { alt: 'Paused' } });
  task.pause();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const meanwhile = await collected(client.list({ filter: { q: 'Paused' } }));
  task.resume();
  return { meanwhile, alt: (await task.result).alt };
});

await step('paused and resumed at once', async () => {
  const noise = await openAsBlob(`${folder}/noise.jpg`);
  const methods = [];
  subscribe('http.client.request.start', ({ request }) => methods.push(request.method));
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return token;
  };
  const restless = (after) => {
    const task = new UploadsClient({ baseUrl: host, token: slow }).startUpload(noise, {
      attributes: { alt: 'Restless' },
      chunkSize: Math.floor(noise.size / 2) + 1,
    });
    setTimeout(() => {
      task.pause();
      task.resume();
      task.pause();
      task.resume();
    }, after);
    return task.result;
  };
  // While the token of the first request is awaited, and at about the first bytes.
  const { checksum } = await restless(20);
  const sent = [...methods];
  return {
    sent,
    checksums: [checksum, (await restless(70)).checksum],
    found: (await collected(client.list({ filter: { q: 'Restless' } }))).length,
  };
});

await step('garbage', async () => {
  const answers = {
    page: [200, '<!doctype html><title>Sign in</title>'],
    cut: [200, '{"data": {"id": "1", "attri'],
    null: [200, 'null'],
    list: [200, '[]'],
    'no id': [200, '{"data": {"type": "uploads"}}'],
    'proxy error': [502, '<h1>Bad gateway</h1>'],
    'no error': [400, '{"errors": []}'],
    'odd errors': [400, '{"errors": [null, "no", 1]}'],
    'odd parts': [422, '{"errors": [{"code": "constructor", "title": "No", "source": {"pointer": 1}}]}'],
  };
  const found = {};
  for (const [name, [status, body]] of Object.entries(answers)) {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const broken = new UploadsClient({ baseUrl, token });
    const acts = {
      get: () => broken.get('1'),
      page: () => broken.page(),
      link: () => broken.downloadLink('1'),
      policies: () => broken.policies(),
      signIn: () => broken.signIn('grace@example.org', 'secret'),
    };
    for (const [act, call] of Object.entries(acts)) {
      const { status, code, message } = await refused(call);
      found[`${name}: ${act}`] = [status, code, message];
    }
    server.close();
  }
  return found;
});

await step('aborted', async () => {
  const controller = new AbortController();
  const noise = await openAsBlob(`${folder}/noise.jpg`);
  const options = { attributes: { alt: 'Aborted' }, signal: controller.signal };
  const onProgress = ({ sent }) => sent > 0 && controller.abort();
  const chunkSize = Math.floor(noise.size / 8);
  const reason = await client
    .upload(noise, { ...options, onProgress, chunkSize })
    .then(() => null, ({ name }) => name);
  const again = await client.upload(noise, options).then(() => null, ({ name }) => name);
  return { reason, again, found: await collected(client.list({ filter: { q: 'Aborted' } })) };
});

await step('refused', () => refused(() => client.upload(Buffer.from(page.split(',')[1], 'base64'))));
await step('empty', () => refused(() => client.upload(new Blob([]))));
await step('wrong time', () =>
  refused(() => client.upload(bytes, { attributes: { expiresAt: 'tomorrow' } })));
await step('wrong token', () =>
  refused(() => new UploadsClient({ baseUrl: host, token: 'oeu_wrong' }).upload(bytes)));
await step('away', () =>
  refused(() => new UploadsClient({ baseUrl: 'http://127.0.0.1:9' }).policies()));

await step('pages', async () => {
  for (const alt of ['Two', 'Three', 'Four', 'Five']) {
    await client.upload(bytes, { attributes: { alt, filename: 'paged, many.png' } });
  }
  const query = { filter: { filename: 'paged, many.png' }, sort: 'createdAt', pageSize: 3 };
  const first = await client.page(query);
  const second = await client.page(query, first.next);
  const alts = ({ uploads }) => uploads.map(({ alt }) => alt);
  return {
    pages: [alts(first), alts(second)],
    last: second.next,
    all: await collected(client.list({ ...query, pageSize: 1 })),
    names: await collected(client.list({ ...query, filter: { filename: ['paged, many.png', 'one.png'] } })),
    big: (await client.page({ filter: { size: { gte: one.size + 1 }, q: 'paged' } })).uploads.length,
    since: (await client.page({ filter: { createdAt: { gt: new Date(Date.now() + 60_000) } } })).uploads,
    variants: first.uploads[0].variants.length,
  };
});
await step('wrong query', () => refused(() => client.page({ pageSize: 1000 })));

await step('update', async () => {
  const changed = await client.update(one.id, { alt: 'Changed', caption: null }, { ifMatch: one.etag });
  const late = await refused(() => client.update(one.id, { alt: 'Late' }, { ifMatch: one.etag }));
  const replaced = await client.replaceContent(one.id, await openAsBlob(`${folder}/noise.jpg`));
  return { changed, late, replaced };
});
await step('delete', async () => {
  await client.delete(one.id);
  return refused(() => client.get(one.id));
});

await step('policies', () => client.policies());

await step('sign in', async () => {
  const stranger_ = new UploadsClient({ baseUrl: host });
  const before = await refused(() => stranger_.upload(bytes));
  const wrong = await refused(() => stranger_.signIn('admin@localhost', 'wrong'));
  const { deviceToken } = await stranger_.signIn('admin@localhost', stranger);
  await stranger_.signIn('admin@localhost', stranger, deviceToken);
  return { before, wrong, upload: await stranger_.upload(bytes) };
});
