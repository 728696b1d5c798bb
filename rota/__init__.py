"""Who is on call, in what order they ring, and where the gaps are: pure, from shifts and an instant."""
