"""`python -m bedrockrouter` is the command ``bedrockrouter``."""

from bedrockrouter.cli import app

if __name__ == "__main__":
    app(prog_name="bedrockrouter")
