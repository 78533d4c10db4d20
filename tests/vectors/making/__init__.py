"""What writes the vectors. Expected results stand here by hand: no WebSocket or DEFLATE library has a say in them."""
