#!/usr/bin/env python3
"""The same entry point as the console script `open-event-uploads`."""

from open_event_uploads.__main__ import main

if __name__ == "__main__":
    main()
