"""What readers ask: tables filled by projections, and the queries over them."""
