"""A second reading of the RFCs, naive and slow, that shares nothing with what writes the vectors."""
