"""What the page shows, as HTML: Python lays out values, templates write the tags, no string of a text becomes one."""
