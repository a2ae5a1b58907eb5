"""What a test sets: seed, organizations, clock, faults, denials, overrides."""
