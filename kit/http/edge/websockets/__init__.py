"""WebSockets: taken over from the server below, judged like requests, and spoken with."""
