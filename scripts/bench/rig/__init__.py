"""What measurements are made with: databases, servers, load, counters, reports."""
