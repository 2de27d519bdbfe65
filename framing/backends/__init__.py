"""What runs the model: torch, or a faster runtime that gives the same numbers."""
