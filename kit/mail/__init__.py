"""Mail: a message of text and HTML, and how it leaves: by SMTP, or into a folder."""
