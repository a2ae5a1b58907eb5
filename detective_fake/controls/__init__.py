"""What a test sets: state, organizations, clock, faults, denials and overrides."""
