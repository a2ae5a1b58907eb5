"""What the author of a test holds: seeding, clock, journal, faults, reports."""
