"""`frankenjet media`: files of pictures compared with the log, swept, and moved to another storage."""
