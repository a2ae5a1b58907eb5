"""Files with the state of a fake: scenario files, which people write, and saved states, which a fake writes."""
