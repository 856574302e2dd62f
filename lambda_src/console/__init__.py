"""The control plane: the API by which the owner makes, watches, changes and ends keys. Calls no model."""
