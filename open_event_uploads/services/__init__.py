"""Use cases, one verb a file. Each owns its transaction; none knows HTTP."""
