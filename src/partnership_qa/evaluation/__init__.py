"""Figures of a question set, and sets in other forms."""
