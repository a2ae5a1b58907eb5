"""The fake over HTTP, for every language: a threaded server, control calls under `/_fake/`, and a page to see it."""
