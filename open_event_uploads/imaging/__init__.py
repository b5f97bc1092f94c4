"""Turn bytes into facts: recognise, inspect, strip, render; decoders run in their own processes.

Imports only `errors`, `metrics`, `fault_points`, `blocking` and `positioned_write`; knows no Flask,
no SQL, no storage and no paths.
"""
