"""Users, tokens and sessions, and who may do what; imports the layers below alone."""
