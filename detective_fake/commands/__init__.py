"""Subcommands of `detective-fake` that take more than a few lines: `configure` adds arguments, `run` does the work."""
