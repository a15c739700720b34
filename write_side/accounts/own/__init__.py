"""What somebody changes of his own account, each in a file: its name, its password, its e-mail address."""
