"""Receive files over several requests, by tus 1.0 and a draft of the IETF; imports as `uploads`."""
