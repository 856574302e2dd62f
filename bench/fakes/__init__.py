"""What stands around the router in the bench: fast and without judgement, so that only it is measured."""
