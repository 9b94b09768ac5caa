"""From what was read to a cited answer or a refusal."""
