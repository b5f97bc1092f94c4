// A scenario gets its input as one JSON argument and prints one line of JSON a step.
const scenario = JSON.parse(process.argv[2]);
export const { host, token, picture, page } = scenario;
export const { expires_at, folder, parts, stranger } = scenario;

export async function step(name, act) {
  try {
    const result = await act();
    console.log(JSON.stringify({ step: name, result }));
  } catch (error) {
    // The steps after this one still run: each has a test of its own.
    process.exitCode = 1;
    const said = error.errors ?? error.content?.errors ?? error.stack ?? error;
    console.log(JSON.stringify({ step: name, failure: said }));
  }
}

// What a browser would show at a URL, as a data URI.
export async function shown(url) {
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  return `data:${response.headers.get('content-type')};base64,${bytes.toString('base64')}`;
}
