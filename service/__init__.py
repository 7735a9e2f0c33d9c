"""A cart over HTTP in, suggestions out."""
