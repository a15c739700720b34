"""Where files are kept: one contract (`objects`), the file system (`files`) and any S3 (`s3`).

An object has a key, bytes and a media type, and is written whole or not at all. A client that is not ours
sends bytes by an `UploadForm`: an HTML form that is good for one key, one type, one length and 15 minutes. S3
takes it itself; on the file system we take it (`receiving`), by a ticket that we signed (`tickets`). What is
large comes in `parts`, so that a broken connection costs one of them (`s3_parts`, `file_parts`). The same
tests run against both. `opening` chooses one; `copying` brings what is in one into another. Nothing here is
asked while a transaction is open.
"""
