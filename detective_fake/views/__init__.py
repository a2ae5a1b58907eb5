"""The state of a fake for people to read: text tables, a Mermaid flowchart, an SVG diagram and the failure report."""
