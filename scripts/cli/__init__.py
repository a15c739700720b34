"""What verbs share: options, the database, the door, words for failures, tables and bars."""
