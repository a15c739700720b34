"""Media: what a picture is, as the bus runs it (`aggregate`), and what is decided about it (`decisions`)."""
