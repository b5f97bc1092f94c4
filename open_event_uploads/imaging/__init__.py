"""Turn bytes into facts: recognise, inspect, strip, render; decoders run in their own processes.

Imports only `errors`, `metrics` and `fault_points`; knows no Flask, no SQL, no storage, no paths.
"""
