"""A simulated Amazon Bedrock, as strict as the real one: a process of its own, see `__main__`."""
