/** Tell whether `accept` (HTML, "file upload state") lets a file in: drops and pastes bypass it. */
export function isAccepted({ name, type }: File, accept: string): boolean {
  const tokens = accept.split(',').map((token) => token.trim().toLowerCase()).filter(isValid);
  return tokens.length === 0 || tokens.some((token) => fits(name.toLowerCase(), type, token));
}

/** Tell whether browsers heed it: they let every file in where nothing else is given. */
function isValid(token: string): boolean {
  return /^\..|^[^/]+\/[^/]+$/.test(token);
}

function fits(name: string, type: string, token: string): boolean {
  if (token.startsWith('.')) return name.endsWith(token);
  if (token === '*/*') return true;
  return token.endsWith('/*') ? type.startsWith(token.slice(0, -1)) : type === token;
}
