"""The chat page: `python app.py`, then open the address it prints."""

from partnership_qa.web import serve

if __name__ == "__main__":
    serve()
