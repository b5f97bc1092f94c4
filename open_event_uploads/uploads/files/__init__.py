"""`/media/{key}`: GET of bytes, and the links that open private ones."""
