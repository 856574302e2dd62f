"""What the service and its models refuse beyond the shape of a request."""
