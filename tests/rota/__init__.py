"""Tests of the pure rota: who is on call, whom to ring, where the gaps are, what a file says."""
