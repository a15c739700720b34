"""Pictures: what is said of them (`api`, `library`), and their bytes, which never change (`serving`)."""
