"""The chat page; the only user of gradio."""
