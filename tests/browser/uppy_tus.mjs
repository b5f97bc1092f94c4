// Uppy with its plugin for tus as its documentation sets both up; a test gives it files, takes the
// network away, and asks what became of them.
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';

window.seen = { progress: [], offsets: [], addresses: [], refusals: [] };

window.upload = async (endpoint, token, meta, file) => {
  const uppy = new Uppy({ meta });
  uppy.use(Tus, {
    endpoint,
    headers: { Authorization: `Bearer ${token}` },
    onAfterResponse: (request, response) => {
      const offset = response.getHeader('Upload-Offset');
      if (offset !== null) seen.offsets.push([request.getMethod(), Number(offset)]);
    },
  });
  uppy.on('upload-progress', (_, { bytesUploaded }) => seen.progress.push(bytesUploaded));
  // Read at once: afterwards the plugin resets its last request.
  uppy.on('upload-success', (_, { body }) => {
    seen.addresses.push(body.xhr.getResponseHeader('Content-Location'));
  });
  uppy.on('upload-error', (_, error, { status, body }) => {
    seen.refusals.push({ status, body: JSON.parse(body.xhr.responseText) });
  });
  uppy.addFile({ name: file.name, type: file.type, data: file });
  const { failed } = await uppy.upload();
  return { ...seen, failed: failed.map((each) => each.error) };
};
