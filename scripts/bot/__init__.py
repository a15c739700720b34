"""`frankenjet bot`: what happens, in words, as RabbitMQ delivers it."""
