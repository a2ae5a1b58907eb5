"""The state of a fake for people to read, as text, Mermaid and a failure report."""
