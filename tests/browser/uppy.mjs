// Uppy as its documentation sets it up; a test gives it files and asks what it made of the answer.
import Uppy from '@uppy/core';
import XHRUpload from '@uppy/xhr-upload';

window.upload = async (endpoint, token, file, alt) => {
  const uppy = new Uppy({ meta: { alt } });
  // Without this it sends again, three times, what was refused.
  const shouldRetry = (xhr) => xhr.status === 0 || xhr.status >= 500;
  const headers = { Authorization: `Bearer ${token}` };
  uppy.use(XHRUpload, { endpoint, headers, fieldName: 'file', formData: true, shouldRetry });
  const progress = [];
  uppy.on('upload-progress', (_, { bytesUploaded, bytesTotal }) => {
    progress.push({ bytesUploaded, bytesTotal });
  });
  const refusals = [];
  uppy.on('upload-error', (_, error, xhr) => {
    refusals.push({ status: xhr.status, body: JSON.parse(xhr.responseText) });
  });
  uppy.addFile({ name: file.name, type: file.type, data: file });
  // Uppy rejects with no reason of its own: what failed stands in its files.
  const { successful, failed } = await uppy.upload();
  return {
    progress,
    refusals,
    successful: successful.map((each) => each.response),
    failed: failed.map((each) => each.error),
  };
};
