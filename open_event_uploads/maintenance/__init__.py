"""Work on everything that is stored: sweep, verify, backfill, move, import and export."""
