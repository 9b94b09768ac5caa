"""What is asked: its words, its form, and what it takes from the conversation before it."""
