"""Media: what a picture is (`aggregate`), what is decided about it (`decisions`), its commands and routes.

Bytes go round the log. A client announces a file (`uploads`) and sends it by a form, or if it is large in
parts, to the S3 or to us (`taking`); then it says so. The file, which is `waiting`, is looked at in a process
of its own and kept under its SHA-256 (`files`), and only then registered. `work` opens and closes it.
"""
