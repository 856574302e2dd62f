"""An answer on the wire: whole or as frames of a stream, in the form of each API and family."""
