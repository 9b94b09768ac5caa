"""Where people work already: one thin module a library, each an extra, none imported before it is used."""
