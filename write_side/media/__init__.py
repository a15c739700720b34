"""Media: what a picture is (`aggregate`), what is decided about it (`decisions`), its commands and routes.

Bytes go round the log. A client asks for a form and sends a file with it, to the S3 or to us; then it says
so. The file is looked at in a process of its own and kept under its SHA-256 (`files`), and only then
registered. What was sent and never confirmed is removed after a day (`sweeping`). `work` opens and closes it.
"""
