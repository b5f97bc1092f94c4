// Shows the uploads that a token may list: `?server=https://uploads.example.org#token=oeu_…`.
// Browsers send nothing after `#` to a server.
//
// Values from the server become text or properties, never HTML: strangers write file names and
// descriptions.
import { linker, requester } from './jsonapi.js';
import { previewURL } from './thumbhash.js';

const DEFAULT_SERVER = 'http://127.0.0.1:8000';
const PAGE_SIZE = 24;

// The widths of pictures in style.css, so that the browser can choose a size before it has them.
const SIZES = '(min-width: 84rem) 27rem, (min-width: 64rem) 33vw, (min-width: 40rem) 50vw, 100vw';

// Every element of index.html with an id, by that id.
const page = Object.fromEntries(
  Array.from(document.querySelectorAll('[id]'), (element) => [element.id, element]),
);

const server = new URLSearchParams(location.search).get('server') ?? DEFAULT_SERVER;
const request = requester(new URLSearchParams(location.hash.slice(1)).get('token'));
const uploadsURL = `${server.replace(/\/+$/, '')}/v1/uploads?include=variants`;

let nextURL = `${uploadsURL}&page[size]=${PAGE_SIZE}`;

page.server.textContent = server;
page.upload.addEventListener('submit', upload);
page.more.addEventListener('click', () => attempt('Loading …', showMore));
await attempt('Loading …', showMore);

// --- Actions ---------------------------------------------------------------------------------

async function showMore() {
  const answer = await request(nextURL);
  page.pictures.append(...pictures(answer, answer.data));
  nextURL = answer.links?.next;
  page.more.hidden = !nextURL;
  page.empty.hidden = page.pictures.children.length > 0;
}

async function upload(event) {
  event.preventDefault();
  const form = page.upload;
  const button = form.querySelector('button');
  button.disabled = true;
  await attempt('Uploading …', async () => {
    const answer = await request(uploadsURL, { method: 'POST', body: new FormData(form) });
    page.pictures.prepend(...pictures(answer, [answer.data]));
    page.empty.hidden = true;
    form.reset();
  });
  button.disabled = false;
}

/** Runs an action, and shows its progress or its error on the page. */
async function attempt(doing, act) {
  page.error.textContent = '';
  page.status.textContent = doing;
  try {
    await act();
  } catch (error) {
    page.error.textContent = explanation(error);
  }
  page.status.textContent = '';
}

/** Explains an error. `fetch` hides why it failed (Fetch, section 5.6): names likely reasons. */
function explanation(error) {
  return error instanceof TypeError
    ? `${server} does not answer, or does not let ${location.origin} read its answers ` +
        '(UPLOADS_CORS_ORIGINS).'
    : error.message;
}

// --- Pictures --------------------------------------------------------------------------------

function pictures(answer, uploads) {
  const related = linker(answer);
  const shown = uploads.filter(({ attributes }) => attributes.url); // a quarantined upload has none
  return shown.map((resource) => {
    const variants = related(resource, 'variants').map((variant) => variant.attributes);
    return picture(resource.attributes, variants);
  });
}

function picture(upload, variants) {
  const item = page.picture.content.cloneNode(true);
  const link = item.querySelector('a');
  const words = upload.alt || upload.filename;
  link.href = upload.url;
  if (upload['media-type'].startsWith('image/')) {
    show(item.querySelector('img'), upload, variants);
    item.querySelector('img').alt = words;
  } else {
    link.textContent = upload['media-type']; // other files than images are only linked
  }
  item.querySelector('.alt').textContent = words;
  item.querySelector('.facts').textContent = facts(upload);
  return item;
}

function facts({ filename, width, height, frames }) {
  const size = width && `${width} × ${height} pixels`;
  return [filename, size, frames > 1 && `${frames} frames`].filter(Boolean).join(', ');
}

function show(image, upload, variants) {
  if (upload.width) limit(image, upload); // an SVG has no pixels, and fills its frame
  showUntilLoaded(image, upload);
  // Before the addresses, so that pictures far below are not fetched yet.
  image.loading = 'lazy';
  image.sizes = SIZES;
  image.srcset = srcset(upload, variants);
  image.src = upload.url; // for want of a whole variant
}

/** Limits a picture to its own size; the server enlarges nothing either. */
function limit(image, { width, height }) {
  image.width = width;
  image.height = height;
  image.style.maxWidth = `${width}px`;
  image.style.maxHeight = `${height}px`;
}

/** Returns a `srcset` with every width of the whole picture once. */
function srcset(upload, variants) {
  const whole = variants.filter((variant) => isWhole(variant, upload));
  const byWidth = new Map(whole.map(({ url, width }) => [width, url]));
  return Array.from(byWidth, ([width, url]) => `${url} ${width}w`).join(', ');
}

/** Tests that a variant has its upload's aspect to within a pixel: neither cropped nor padded. */
function isWhole(variant, upload) {
  const difference = variant.width * upload.height - variant.height * upload.width;
  return Math.abs(difference) <= Math.max(upload.width, upload.height);
}

/** Shows a placeholder until the picture is there, so that none shines through transparency. */
function showUntilLoaded(image, { placeholder, color, width, height }) {
  const { style } = image;
  if (placeholder) style.backgroundImage = `url(${previewURL(placeholder, { width, height })})`;
  else if (color) style.backgroundColor = color;
  image.addEventListener('load', () => (style.background = ''), { once: true });
}
