"""The fake over HTTP, for every language: the API of Detective, control calls under `/_fake/`, and a page."""
