import config from './config/environment';

/** Explain an error to people, in the words of the server if it answered. */
export function explain(error) {
  const words = error.errors?.map(({ detail, title }) => detail || title);
  if (words?.length) return words.join(' ');
  return `${config.uploads.server} did not answer, or this page may not read the answer: does UPLOADS_CORS_ORIGINS of the server name ${location.origin}?`;
}
