"""BedrockRouter from where its owner works: the command line."""
