"""RabbitMQ: the publisher, the stream that it fills, what must be declared, and AMQP below them."""
