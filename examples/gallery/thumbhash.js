// Draws a ThumbHash (https://evanw.github.io/thumbhash/, Evan Wallace): the mean and the lowest
// frequencies of a picture's lightness, of two colour differences and of its opacity.

const LONGER_SIDE = 32; // pixels; a browser smooths them when it enlarges the preview

/**
 * @param {string} base64 the ThumbHash
 * @param {{width: number, height: number}} picture whose aspect the preview gets
 * @returns {string} the address of the preview, for `url()`
 */
export function previewURL(base64, picture) {
  const canvas = document.createElement('canvas');
  const longer = Math.max(picture.width, picture.height);
  canvas.width = Math.max(1, Math.round((LONGER_SIDE * picture.width) / longer));
  canvas.height = Math.max(1, Math.round((LONGER_SIDE * picture.height) / longer));
  const hash = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const pixels = draw(hash, canvas.width, canvas.height);
  canvas.getContext('2d').putImageData(new ImageData(pixels, canvas.width), 0, 0);
  return canvas.toDataURL();
}

/** @returns {Uint8ClampedArray} red, green, blue and opacity of every pixel, row by row */
export function draw(hash, width, height) {
  const [light, yellow, warm, opacity] = channels(hash);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const valueOf = (channel) => value(channel, (x + 0.5) / width, (y + 0.5) / height);
      const color = rgb(valueOf(light), valueOf(yellow), valueOf(warm));
      pixels.set([...color, valueOf(opacity)].map((part) => part * 255), at);
    }
  }
  return pixels;
}

/** Reads lightness, yellow against blue, red against green, and opacity: means and waves. */
function channels(hash) {
  const { bits, waves } = reader(hash);
  const light = { mean: bits(6) / 63 };
  const yellow = { mean: bits(6) / 31.5 - 1 };
  const warm = { mean: bits(6) / 31.5 - 1 };
  light.scale = bits(5) / 31;
  const hasOpacity = bits(1);
  const shorter = Math.max(3, bits(3));
  // Colours fade when they are averaged, so the format draws their waves a quarter stronger.
  yellow.scale = (bits(6) / 63) * 1.25;
  warm.scale = (bits(6) / 63) * 1.25;
  const longer = hasOpacity ? 5 : 7;
  const size = bits(1) ? [longer, shorter] : [shorter, longer];
  const opacity = hasOpacity ? { mean: bits(4) / 15, scale: bits(4) / 15 } : { mean: 1, scale: 0 };

  light.waves = waves(size, light.scale);
  yellow.waves = waves([3, 3], yellow.scale);
  warm.waves = waves([3, 3], warm.scale);
  opacity.waves = hasOpacity ? waves([5, 5], opacity.scale) : [];
  return [light, yellow, warm, opacity];
}

/** Returns functions that read fields in order, each from its lowest bit on. */
function reader(hash) {
  let position = 0;

  function bits(count) {
    let number = 0;
    for (let bit = 0; bit < count; bit++, position++) {
      number |= ((hash[position >> 3] >> (position & 7)) & 1) << bit;
    }
    return number;
  }

  /** Reads the waves, of which the format keeps the triangle of low frequencies. */
  function waves([across, down], scale) {
    const found = [];
    for (let y = 0; y < down; y++) {
      for (let x = y ? 0 : 1; x * down < across * (down - y); x++) {
        found.push({ x, y, strength: (bits(4) / 7.5 - 1) * scale });
      }
    }
    return found;
  }

  return { bits, waves };
}

/** Returns the value of a channel; `x` and `y` range from 0 to 1. */
function value({ mean, waves }, x, y) {
  const at = (wave) => Math.cos(Math.PI * wave.x * x) * Math.cos(Math.PI * wave.y * y);
  return waves.reduce((sum, wave) => sum + 2 * wave.strength * at(wave), mean);
}

function rgb(light, yellow, warm) {
  const blue = light - (2 / 3) * yellow;
  const red = (3 * light - blue + warm) / 2;
  return [red, red - warm, blue];
}
