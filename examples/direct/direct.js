// Uploads a picture to the bucket of an Open Event Uploads server, in three requests:
// `?server=https://uploads.example.org#token=oeu_…`.
import { MEDIA_TYPE, requester } from '../gallery/jsonapi.js';

const page = Object.fromEntries(
  Array.from(document.querySelectorAll('[id]'), (element) => [element.id, element]),
);
const server = new URLSearchParams(location.search).get('server') ?? 'http://127.0.0.1:8000';
const request = requester(new URLSearchParams(location.hash.slice(1)).get('token'));
const uploadsURL = `${server.replace(/\/+$/, '')}/v1/uploads`;

page.upload.addEventListener('submit', async (event) => {
  event.preventDefault();
  page.error.textContent = '';
  try {
    show(await send(new FormData(page.upload).get('file')));
    page.status.textContent = 'Published.';
  } catch (error) {
    page.status.textContent = '';
    page.error.textContent = error.message;
  }
});

async function send(file) {
  page.status.textContent = 'Announcing …';
  const announced = await write(uploadsURL, 'POST', {
    attributes: {
      filename: file.name,
      'media-type': file.type,
      size: file.size,
      checksum: await checksum(file),
    },
  });
  page.status.textContent = 'Sending …';
  const { method, url, headers } = announced.meta.upload;
  const sent = await fetch(url, { method, headers, body: file });
  if (!sent.ok) throw new Error(`The bucket refused it: ${sent.status}`);
  page.status.textContent = 'Publishing …';
  return write(`${uploadsURL}/${announced.id}`, 'PATCH', {
    id: announced.id,
    attributes: { status: 'ready' },
  });
}

async function write(url, method, resource) {
  const body = JSON.stringify({ data: { type: 'uploads', ...resource } });
  const answer = await request(url, { method, body, headers: { 'Content-Type': MEDIA_TYPE } });
  return answer.data;
}

/** Returns `sha256:` and 64 hexadecimal digits; holds the whole file in memory meanwhile. */
async function checksum(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  const digits = Array.from(new Uint8Array(digest), (each) => each.toString(16).padStart(2, '0'));
  return `sha256:${digits.join('')}`;
}

function show({ attributes }) {
  const picture = document.createElement('img');
  picture.src = attributes.url;
  picture.alt = attributes.filename;
  page.pictures.prepend(picture);
}
