"""From events to rows: load what they name, fold in memory, write set-based."""
