"""The way to RabbitMQ: the forwarder, its messages, and a watch over the stream that keeps them."""
