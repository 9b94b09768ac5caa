"""Plain JSON for programs, beside the page: `/v1/ask` and its like, and the protocol of OpenAI's chat completions."""
