"""What a test reads: recorded calls, expectations, CloudTrail records, e-mails."""
